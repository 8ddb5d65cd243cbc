// How several workers go through a program together.
//
// Workers claim the tasks of the current phase from one counter; a phase ends when its tasks are done, not when workers
// have arrived, and whoever finishes the last task opens the next phase. Phases of a single task are run by that worker
// on the spot, so they cost no barrier. Nobody waits for a worker that has not started.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string_view>

#include "eigenformer/core/cancel_flags.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/executor.hpp"
#include "eigenformer/nn/program.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// Called with each kept probe when its value is complete: its name and [rows, width] values, valid during the call.
using ProbeCallback = std::function<void(std::string_view name, const ConstMatrixView& values)>;

/// When a walk stops before its end. Looked at between phases.
struct WalkLimits {
  CancelFlags cancel = {};
  std::optional<std::chrono::steady_clock::time_point> pause_at = {};
};

enum class WalkOutcome { finished, paused, cancelled };

/// One walk. `advance` until it says finished (or give it up after cancelled: nothing has been committed then).
class Walk {
 public:
  Walk(const Program& program, Step& step, Workspace& workspace, ProbeCallback probe = {});

  /// Goes on from where the last call stopped. Rethrows what a probe callback threw.
  WalkOutcome advance(Executor& executor, const WalkLimits& limits = {});

 private:
  void work(unsigned worker) noexcept;
  void open_from(std::uint32_t phase, unsigned worker) noexcept;
  bool should_stop(std::uint32_t phase) noexcept;
  void show_probes(std::uint32_t phase) noexcept;

  const Program& program_;
  Step& step_;
  Workspace& workspace_;
  ProbeCallback probe_;
  WalkLimits limits_;
  std::uint32_t phase_count_;
  std::uint32_t next_phase_ = 0;   // where the next advance() begins
  std::uint32_t first_phase_ = 0;  // where this one began: it does at least that much, however late it is
  std::exception_ptr failure_;
  bool stopped_ = false;
  std::atomic<bool> begun_{false};          // the first worker to come opens the first phase
  std::atomic<std::uint64_t> cursor_{0};    // phase in the high half, next task in the low half
  std::atomic<std::uint32_t> finished_{0};  // tasks done in the current phase
  std::atomic<std::uint32_t> opened_{0};    // changes whenever a phase is opened or the walk ends: what sleepers watch
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/walk-inl.hpp"
#endif
