// What threads cost: build/bench/bench/executors MODEL [ROUNDS]
//
// The library's own threads, as many as the processor has and twice as many, beside a host's job queue (a mutex and a
// condition variable) and a host that runs the items one after another. All take turns; tokens a second, medians, and
// the median of the ratios to the library's own threads.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "eigenformer/executor.hpp"
#include "eigenformer/generate/sequence.hpp"
#include "eigenformer/model.hpp"

namespace {

namespace ef = eigenformer;

constexpr std::size_t k_prompt_tokens = 512;
constexpr std::size_t k_new_tokens = 64;

/// A host's job system: workers that take closures from a queue.
class JobQueue final : public ef::Executor {
 public:
  explicit JobQueue(unsigned threads) {
    for (unsigned index = 1; index < threads; ++index) threads_.emplace_back([this] { serve(); });
  }
  ~JobQueue() override {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    arrived_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;

  unsigned concurrency() const noexcept override { return static_cast<unsigned>(threads_.size()) + 1; }

  void run(unsigned items, const ef::Work& work) override {
    {
      const std::lock_guard lock(mutex_);
      for (unsigned item = 1; item < items; ++item) jobs_.emplace_back([&work, item] { work(item); });
      open_ += items - 1;
    }
    arrived_.notify_all();
    work(0);
    std::unique_lock lock(mutex_);
    open_ -= static_cast<unsigned>(jobs_.size());  // nobody has begun them, and there is nothing left to do
    jobs_.clear();
    done_.wait(lock, [this] { return open_ == 0; });
  }

 private:
  void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      arrived_.wait(lock, [this] { return is_stopping_ || !jobs_.empty(); });
      if (is_stopping_) return;
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      lock.lock();
      if (--open_ == 0) done_.notify_one();
    }
  }

  std::mutex mutex_;
  std::condition_variable arrived_, done_;
  std::deque<std::function<void()>> jobs_;
  unsigned open_ = 0;
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

/// As many items as the processor has cores, one after another on the caller's thread.
class OneAfterAnother final : public ef::Executor {
 public:
  explicit OneAfterAnother(unsigned items) : items_(items) {}
  unsigned concurrency() const noexcept override { return items_; }
  void run(unsigned items, const ef::Work& work) override {
    for (unsigned item = 0; item < items; ++item) work(item);
  }

 private:
  unsigned items_;
};

/// Tokens a second.
struct Speed {
  double prefill = 0, decode = 0;
};

double seconds_of(const std::function<void()>& call) {
  const auto begin = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

Speed speed_of(const ef::Model& model) {
  ef::generation::Forward forward(model.state());
  ef::generation::Sequence sequence{ef::nn::KvCache(model.state().cache_layout), {}};
  for (std::size_t index = 0; index < k_prompt_tokens; ++index) {
    sequence.ids.push_back(static_cast<ef::TokenId>(100 + index * 37 % 5000));
  }
  const double prefill = seconds_of([&] { forward.run(sequence, {}); });
  const double decode = seconds_of([&] {
    for (std::size_t token = 0; token < k_new_tokens; ++token) {
      sequence.ids.push_back(static_cast<ef::TokenId>(100 + token));
      forward.run(sequence, {});
    }
  });
  return {k_prompt_tokens / prefill, k_new_tokens / decode};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Host {
  std::string name;
  ef::Model model;
  std::vector<Speed> speeds = {};
};

void print_medians(const Host& host, const Host& own, double Speed::*part) {
  std::vector<double> speeds, ratios;
  for (std::size_t round = 0; round < host.speeds.size(); ++round) {
    speeds.push_back(host.speeds[round].*part);
    ratios.push_back(speeds.back() / (own.speeds[round].*part));
  }
  std::printf("  %s %.0f tokens/s, ratio %.2f", part == &Speed::prefill ? "prefill" : "decode", median(speeds),
              median(ratios));
}

void compare(const char* path, int rounds) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const auto load = [&](std::shared_ptr<ef::Executor> executor) {
    return ef::load(path, {.executor = std::move(executor)});
  };
  std::vector<Host> hosts;
  hosts.push_back({std::to_string(cores) + " own threads", load(ef::make_thread_pool(cores))});
  hosts.push_back({std::to_string(2 * cores) + " own threads", load(ef::make_thread_pool(2 * cores))});
  hosts.push_back({"one own thread", load(ef::make_thread_pool(1))});
  hosts.push_back({"a host's job queue", load(std::make_shared<JobQueue>(cores))});
  hosts.push_back({"one after another", load(std::make_shared<OneAfterAnother>(cores))});
  for (int round = 0; round < rounds; ++round) {
    for (Host& host : hosts) host.speeds.push_back(speed_of(host.model));
  }
  for (const Host& host : hosts) {
    std::printf("%-20s", host.name.c_str());
    print_medians(host, hosts[0], &Speed::prefill);
    print_medians(host, hosts[0], &Speed::decode);
    std::printf("\n");
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::fputs("usage: executors MODEL [ROUNDS]\n", stderr);
    return 2;
  }
  try {
    compare(arguments[1], count > 2 ? std::atoi(arguments[2]) : 5);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
