#pragma once

#include <utility>

#include "eigenformer/core/spin.hpp"
#include "eigenformer/core/word_wait.hpp"
#include "eigenformer/kernels/floating_point_guard.hpp"
#include "eigenformer/nn/walk.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

namespace walk_detail {

inline constexpr std::uint32_t k_closed = 0x80000000U;  // a next task beyond any count
inline constexpr std::uint64_t cursor_at(std::uint32_t phase, std::uint32_t task) {
  return (static_cast<std::uint64_t>(phase) << 32U) | task;
}

}  // namespace walk_detail

EIGENFORMER_INLINE Walk::Walk(const Program& program, Step& step, Workspace& workspace, ProbeCallback probe)
    : program_(program),
      step_(step),
      workspace_(workspace),
      probe_(std::move(probe)),
      phase_count_(static_cast<std::uint32_t>(program.phases.size())) {}

EIGENFORMER_INLINE WalkOutcome Walk::advance(Executor& executor, const WalkLimits& limits) {
  limits_ = limits;
  stopped_ = false;
  first_phase_ = next_phase_;
  begun_.store(false, std::memory_order_relaxed);
  cursor_.store(walk_detail::cursor_at(next_phase_, walk_detail::k_closed), std::memory_order_release);
  const Work work{[](void* walk, unsigned worker) noexcept { static_cast<Walk*>(walk)->work(worker); }, this};
  executor.run(step_.workers(), work);
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  if (next_phase_ == phase_count_) {
    step_.commit();
    return WalkOutcome::finished;
  }
  return limits_.cancel.any() ? WalkOutcome::cancelled : WalkOutcome::paused;
}

EIGENFORMER_INLINE void Walk::work(unsigned worker) noexcept {
  const kernels::FloatingPointGuard guard;
  if (!begun_.exchange(true, std::memory_order_acq_rel)) open_from(next_phase_, worker);
  for (;;) {
    const std::uint32_t seen = opened_.load(std::memory_order_acquire);
    std::uint64_t cursor = cursor_.load(std::memory_order_acquire);
    const auto phase = static_cast<std::uint32_t>(cursor >> 32U);
    if (phase == phase_count_) return;
    const std::uint32_t count = workspace_.task_counts()[phase];
    if (static_cast<std::uint32_t>(cursor) >= count) {
      spin_then_wait(opened_, seen);
      continue;
    }
    if (!cursor_.compare_exchange_weak(cursor, cursor + 1, std::memory_order_acq_rel)) continue;
    program_.phases[phase]->run(step_, static_cast<std::uint32_t>(cursor), workspace_.scratch(worker));
    if (finished_.fetch_add(1, std::memory_order_acq_rel) + 1 == count) {
      show_probes(phase);
      open_from(phase + 1, worker);
    }
  }
}

EIGENFORMER_INLINE void Walk::open_from(std::uint32_t phase, unsigned worker) noexcept {
  while (phase < phase_count_ && !should_stop(phase)) {
    const std::uint32_t count = workspace_.task_counts()[phase];
    if (count > 1) break;
    if (count == 1) program_.phases[phase]->run(step_, 0, workspace_.scratch(worker));
    show_probes(phase);
    ++phase;
  }
  next_phase_ = phase;
  finished_.store(0, std::memory_order_relaxed);
  cursor_.store(walk_detail::cursor_at(stopped_ ? phase_count_ : phase, 0), std::memory_order_release);
  opened_.fetch_add(1, std::memory_order_release);
  wake_all(opened_);
}

EIGENFORMER_INLINE bool Walk::should_stop(std::uint32_t phase) noexcept {
  const bool late = limits_.pause_at && phase != first_phase_ && std::chrono::steady_clock::now() >= *limits_.pause_at;
  if (failure_ || limits_.cancel.any() || late) stopped_ = true;
  return stopped_;
}

EIGENFORMER_INLINE void Walk::show_probes(std::uint32_t phase) noexcept {
  if (!probe_ || failure_) return;
  try {
    for (const ProbePoint& point : program_.probes) {
      if (point.phase == phase) probe_(point.name, step_.view(point.value));
    }
  } catch (...) {
    failure_ = std::current_exception();
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
