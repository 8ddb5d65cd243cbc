// Lets every allocation of a call fail in turn, and looks at what comes of it.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <utility>

#include "eigenformer/core/attempt.hpp"
#include "tests/support/failing_allocator.hpp"

namespace eigenformer_tests {

/// Where a sweep is, for the message of a process that is about to end.
struct SweepPlace {
  const char* call = "";
  std::size_t number = 0;
  Failing which = Failing::none;
};
inline SweepPlace sweep_place;

[[noreturn]] inline void report_end_of_process() {
  stop_failing();
  std::fprintf(stderr, "the process ends: %s, allocation %zu%s\n", sweep_place.call, sweep_place.number,
               sweep_place.which == Failing::one ? "" : " and all after it");
  std::abort();
}

/// What became of the failures of one way to fail.
struct SweepCounts {
  std::size_t failures = 0;
  std::size_t errors = 0;   ///< "system.memory"
  std::size_t made_do = 0;  ///< the call did without the memory, and its result is the same
};

/// `call()` makes a value of which `bits(value)` is a text to compare. Allocations fail during the call alone.
template <class Call, class Bits>
class AllocationSweep {
 public:
  AllocationSweep(const char* name, Call call, Bits bits)
      : name_(name), call_(std::move(call)), bits_(std::move(bits)) {
    std::set_terminate(report_end_of_process);
    expected_ = undisturbed();
    for (int times = 0; times < k_warm_calls; ++times) undisturbed();
    live_ = live_blocks.load();
    const std::size_t before = allocation_count.load();
    static_cast<void>(call_());
    allocations_ = allocation_count.load() - before;
  }

  /// Every `stride`-th allocation from the `first` on.
  void run(Failing which, std::size_t first, std::size_t stride) {
    SweepCounts counts;
    for (std::size_t number = first; try_one(number, which, counts) && !testing::Test::HasFailure(); number += stride) {
    }
    std::printf("%s: %zu allocations; %s: %zu failed, %zu errors, %zu without effect\n", name_, allocations_,
                which == Failing::one ? "one" : "one and all after it", counts.failures, counts.errors, counts.made_do);
  }
  std::size_t allocations() const { return allocations_; }

 private:
  /// False where the call ends before its allocation of this number.
  bool try_one(std::size_t number, Failing which, SweepCounts& counts) {
    sweep_place = {name_, number, which};
    fail_allocation(number, which);
    auto result = std::make_optional(eigenformer::attempt(call_));
    if (!stop_failing()) return false;
    ++counts.failures;
    if (result->ok()) {
      ++counts.made_do;
      EXPECT_EQ(bits_(result->value()), expected_) << name_ << ", allocation " << number;
    } else {
      ++counts.errors;
      EXPECT_EQ(result->error().id, "system.memory")
          << name_ << ", allocation " << number << ": " << result->error().message();
    }
    result.reset();
    EXPECT_EQ(undisturbed(), expected_) << name_ << ", after the failure of allocation " << number;
    if (live_blocks.load() != live_) expect_no_leak(number, which);
    return true;
  }

  /// A word that the tokenizer's cache has taken in meanwhile stays once; a leak is there each time.
  void expect_no_leak(std::size_t number, Failing which) {
    live_ = live_blocks.load();
    fail_allocation(number, which);
    static_cast<void>(eigenformer::attempt(call_));
    stop_failing();
    undisturbed();
    EXPECT_EQ(live_blocks.load(), live_) << name_ << ", blocks after the failure of allocation " << number;
  }

  std::string undisturbed() {
    auto value = call_();
    return bits_(value);
  }

  /// After so many calls what is kept between calls, such as the words that a tokenizer remembers, is there.
  static constexpr int k_warm_calls = 30;

  const char* name_;
  Call call_;
  Bits bits_;
  std::string expected_;
  std::ptrdiff_t live_ = 0;
  std::size_t allocations_ = 0;
};

/// Some dozens of the allocations; all of them where EIGENFORMER_EVERY_ALLOCATION is set, as scripts/check does.
template <class Call, class Bits>
void sweep_allocations(const char* name, Call call, Bits bits) {
  constexpr std::size_t k_tried = 40;
  AllocationSweep<Call, Bits> sweep(name, std::move(call), std::move(bits));
  const bool every = std::getenv("EIGENFORMER_EVERY_ALLOCATION") != nullptr;
  const std::size_t stride = every ? 1 : sweep.allocations() / k_tried + 1;
  sweep.run(Failing::one, 1, stride);
  sweep.run(Failing::from_then_on, 1 + stride / 2, stride);
}

}  // namespace eigenformer_tests
