// The place where steps are run: a program, the kernels and threads it runs on, and memory of its own.
#pragma once

#include <memory>
#include <string>

#include "eigenformer/core/config.hpp"
#include "eigenformer/executor.hpp"
#include "eigenformer/nn/program.hpp"
#include "eigenformer/nn/walk.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// What a step runs on. All three outlive the session.
struct Runner {
  const Program* program = nullptr;
  const kernels::KernelTable* kernels = nullptr;
  Executor* executor = nullptr;
};

/// One conversation's (or task's) workspace. Not for two threads at a time; any number of sessions share a program.
class Session {
 public:
  explicit Session(const Runner& runner) : runner_(runner) {}

  /// Runs one step over a batch. On WalkOutcome::finished the rows are committed and `result` may be read; on cancelled
  /// nothing has been committed and the sequences are as before. Throws ShapeError, std::bad_alloc, what a probe
  /// throws.
  WalkOutcome run(const Batch& batch, const WalkLimits& limits = {}, const ProbeCallback& probe = {});

  /// A named output of the last finished step: [rows of its set, width]. Valid until the next run.
  ConstMatrixView result(const std::string& name) const;
  bool has_result(const std::string& name) const { return runner_.program->outputs.contains(name); }
  std::size_t bytes() const noexcept { return workspace_.bytes(); }

 private:
  Runner runner_;
  Workspace workspace_;
  std::size_t row_counts_[k_row_set_count] = {};  // of the last step, by RowSet
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/session-inl.hpp"
#endif
