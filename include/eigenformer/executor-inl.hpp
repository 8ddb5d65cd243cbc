#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "eigenformer/core/spin.hpp"
#include "eigenformer/core/word_wait.hpp"
#include "eigenformer/executor.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace executor_detail {

class ThreadPool final : public Executor {
 public:
  explicit ThreadPool(unsigned threads) {
    try {
      for (unsigned index = 1; index < threads; ++index) threads_.emplace_back([this] { serve(); });
    } catch (...) {  // fewer threads than asked for work as well
    }
  }

  ~ThreadPool() override {
    stopping_.store(true, std::memory_order_relaxed);
    announce();
    for (std::thread& thread : threads_) thread.join();
  }

  unsigned concurrency() const noexcept override { return static_cast<unsigned>(threads_.size()) + 1; }

  void run(unsigned items, const Work& work) override {
    if (items < 2 || threads_.empty() || busy_.test_and_set(std::memory_order_acquire)) {
      for (unsigned item = 0; item < items; ++item) work(item);
      return;
    }
    work_ = &work;
    finished_.store(0, std::memory_order_relaxed);
    tickets_.store(items - 1, std::memory_order_release);
    announce();
    work(0);
    const std::uint32_t never_begun = tickets_.exchange(0, std::memory_order_acq_rel);
    const std::uint32_t begun = items - 1 - never_begun;
    for (std::uint32_t done = finished_.load(std::memory_order_acquire); done != begun;
         done = finished_.load(std::memory_order_acquire)) {
      spin_then_wait(finished_, done);
    }
    busy_.clear(std::memory_order_release);
  }

 private:
  void announce() {
    steps_.fetch_add(1, std::memory_order_release);
    wake_all(steps_);
  }

  /// One thread: sleeps until a step is announced, takes a ticket (the number of the item it runs) while there are any.
  void serve() noexcept {
    std::uint32_t seen = 0;
    for (;;) {
      spin_then_wait(steps_, seen);
      seen = steps_.load(std::memory_order_acquire);
      if (stopping_.load(std::memory_order_relaxed)) return;
      std::uint32_t ticket = tickets_.load(std::memory_order_acquire);
      while (ticket != 0 && !tickets_.compare_exchange_weak(ticket, ticket - 1, std::memory_order_acq_rel)) {
      }
      if (ticket == 0) continue;
      (*work_)(ticket);
      finished_.fetch_add(1, std::memory_order_release);
      wake_one(finished_);
    }
  }

  std::atomic_flag busy_;  // no mutex: a step (a probe's callback, say) may run another one on the same thread
  const Work* work_ = nullptr;
  std::atomic<std::uint32_t> steps_{0};
  std::atomic<std::uint32_t> tickets_{0};
  std::atomic<std::uint32_t> finished_{0};
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> threads_;
};

}  // namespace executor_detail

EIGENFORMER_INLINE std::shared_ptr<Executor> make_thread_pool(unsigned threads) {
  if (threads == 0) threads = std::thread::hardware_concurrency();
  return std::make_shared<executor_detail::ThreadPool>(threads == 0 ? 1 : threads);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
