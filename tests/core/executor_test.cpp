#include "eigenformer/executor.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <set>
#include <thread>
#include <vector>

#include "tests/support/processor_time.hpp"

namespace eigenformer {
namespace {

using namespace std::chrono_literals;

/// Runs `body(item)` for the items of one step.
void run(Executor& executor, unsigned items, const std::function<void(unsigned)>& body) {
  const auto call = [](void* context, unsigned item) noexcept {
    (*static_cast<const std::function<void(unsigned)>*>(context))(item);
  };
  executor.run(items, {call, const_cast<std::function<void(unsigned)>*>(&body)});
}

TEST(ThreadPool, TellsHowManyItemsRunAtOnce) {
  EXPECT_EQ(make_thread_pool(1)->concurrency(), 1U);
  EXPECT_EQ(make_thread_pool(4)->concurrency(), 4U);
  EXPECT_GE(make_thread_pool()->concurrency(), 1U);
}

TEST(ThreadPool, CallsItemZeroAndEachOtherItemAtMostOnce) {
  for (const unsigned threads : {1U, 2U, 3U, 4U}) {
    const auto pool = make_thread_pool(threads);
    for (int step = 0; step < 2000; ++step) {
      const unsigned items = 1 + static_cast<unsigned>(step) % threads;
      std::vector<std::atomic<int>> calls(items);
      run(*pool, items, [&](unsigned item) { calls.at(item).fetch_add(1); });
      ASSERT_EQ(calls[0].load(), 1);
      for (const auto& count : calls) ASSERT_LE(count.load(), 1);
    }
  }
}

TEST(ThreadPool, RunsItemsSideBySide) {
  const auto pool = make_thread_pool(3);
  std::atomic<unsigned> present{0};
  run(*pool, 3, [&](unsigned) {  // every item waits for all: only threads of their own can bring them together
    present.fetch_add(1);
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (present.load() < 3 && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
  });
  EXPECT_EQ(present.load(), 3U);
}

TEST(ThreadPool, ReturnsOnlyWhenEveryCallThatBeganHasReturned) {
  const auto pool = make_thread_pool(4);
  for (int step = 0; step < 20; ++step) {
    std::atomic<int> running{0};
    std::atomic<bool> someone_else{false};
    run(*pool, 4, [&](unsigned item) {
      running.fetch_add(1);
      if (item == 0) {
        const auto give_up = std::chrono::steady_clock::now() + 10ms;
        while (!someone_else.load() && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
      } else {
        someone_else.store(true);
        std::this_thread::sleep_for(2ms);
      }
      running.fetch_sub(1);
    });
    ASSERT_EQ(running.load(), 0);
  }
}

TEST(ThreadPool, DoesTheCallersStepAloneWhileAnotherUsesTheThreads) {
  const auto pool = make_thread_pool(2);
  std::atomic<bool> inside{false};
  std::atomic<bool> leave{false};
  std::thread first([&] {
    run(*pool, 2, [&](unsigned) {
      inside.store(true);
      while (!leave.load()) std::this_thread::yield();
    });
  });
  while (!inside.load()) std::this_thread::yield();
  std::set<std::thread::id> threads;
  std::vector<unsigned> items;
  run(*pool, 2, [&](unsigned item) {
    threads.insert(std::this_thread::get_id());
    items.push_back(item);
  });
  EXPECT_EQ(threads, std::set<std::thread::id>{std::this_thread::get_id()});
  EXPECT_EQ(items, (std::vector<unsigned>{0, 1}));
  leave.store(true);
  first.join();
}

TEST(ThreadPool, ServesSeveralCallersAtOnce) {
  const auto pool = make_thread_pool(3);
  std::vector<std::thread> callers;
  std::vector<int> sums(4, 0);
  for (int& sum : sums) {
    callers.emplace_back([&pool, &sum] {
      for (int step = 0; step < 500; ++step) {
        std::atomic<int> total{0};
        std::atomic<int> next{0};
        run(*pool, 3, [&](unsigned) {
          for (int task = next.fetch_add(1); task < 10; task = next.fetch_add(1)) total.fetch_add(task);
        });
        sum += total.load();
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(sums, std::vector<int>(4, 500 * 45));
}

TEST(ThreadPool, AStepMayRunAnotherStep) {
  const auto pool = make_thread_pool(3);
  std::atomic<int> inner{0};
  run(*pool, 3, [&](unsigned item) {
    if (item == 0) run(*pool, 3, [&](unsigned) { inner.fetch_add(1); });
  });
  EXPECT_EQ(inner.load(), 3);
}

TEST(ThreadPool, CostsNothingWhileIdle) {
  const auto pool = make_thread_pool(4);
  run(*pool, 4, [](unsigned) {});
  std::this_thread::sleep_for(20ms);  // threads look around for some microseconds before they sleep
  const double before = eigenformer_tests::processor_milliseconds();
  std::this_thread::sleep_for(200ms);
  EXPECT_LT(eigenformer_tests::processor_milliseconds() - before, 20);
}

TEST(ThreadPool, CanBeDestroyedAtAnyTime) {
  for (int round = 0; round < 200; ++round) {
    const auto pool = make_thread_pool(1 + static_cast<unsigned>(round) % 4);
    if (round % 2 == 0) run(*pool, pool->concurrency(), [](unsigned) {});
  }
}

}  // namespace
}  // namespace eigenformer
