// Hosts of every temper: all of them keep the executor's contract, none of them is convenient.
#pragma once

#include <chrono>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "eigenformer/executor.hpp"

namespace eigenformer::testing_nn {

/// Calls items one after another on the caller's thread, in an order of its own.
class SequentialExecutor final : public Executor {
 public:
  explicit SequentialExecutor(std::vector<unsigned> order) : order_(std::move(order)) {}
  unsigned concurrency() const noexcept override { return static_cast<unsigned>(order_.size()); }
  void run(unsigned items, const Work& work) override {
    for (const unsigned item : order_) {
      if (item < items) work(item);
    }
  }

 private:
  std::vector<unsigned> order_;
};

/// Asks for many items and then calls item 0 alone.
class FirstItemExecutor final : public Executor {
 public:
  unsigned concurrency() const noexcept override { return 4; }
  void run(unsigned, const Work& work) override { work(0); }
};

/// A fresh thread for every item, in the caller's place too.
class FreshThreadsExecutor final : public Executor {
 public:
  explicit FreshThreadsExecutor(unsigned count) : count_(count) {}
  unsigned concurrency() const noexcept override { return count_; }
  void run(unsigned items, const Work& work) override {
    std::vector<std::thread> threads;
    for (unsigned item = 0; item < items; ++item) threads.emplace_back([&work, item] { work(item); });
    for (std::thread& thread : threads) thread.join();
  }

 private:
  unsigned count_;
};

/// Threads that come late, item 0 last of all.
class LateExecutor final : public Executor {
 public:
  unsigned concurrency() const noexcept override { return 3; }
  void run(unsigned items, const Work& work) override {
    std::vector<std::thread> threads;
    for (unsigned item = 1; item < items; ++item) {
      threads.emplace_back([&work, item] {
        std::this_thread::sleep_for(std::chrono::microseconds(300 * (item - 1)));
        work(item);
      });
    }
    std::this_thread::sleep_for(std::chrono::microseconds(500));
    work(0);
    for (std::thread& thread : threads) thread.join();
  }
};

struct NamedExecutor {
  std::string name;
  std::shared_ptr<Executor> executor;
};

inline std::vector<NamedExecutor> executors() {
  std::vector<NamedExecutor> all;
  for (const unsigned threads : {1U, 2U, 3U, 4U}) {
    all.push_back({"pool of " + std::to_string(threads), make_thread_pool(threads)});
  }
  all.push_back({"in order", std::make_shared<SequentialExecutor>(std::vector<unsigned>{0, 1, 2, 3})});
  all.push_back({"reversed", std::make_shared<SequentialExecutor>(std::vector<unsigned>{3, 2, 1, 0})});
  all.push_back({"mixed", std::make_shared<SequentialExecutor>(std::vector<unsigned>{2, 0, 3, 1})});
  all.push_back({"first item only", std::make_shared<FirstItemExecutor>()});
  all.push_back({"fresh threads", std::make_shared<FreshThreadsExecutor>(4)});
  all.push_back({"late threads", std::make_shared<LateExecutor>()});
  return all;
}

}  // namespace eigenformer::testing_nn
