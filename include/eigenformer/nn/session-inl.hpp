#pragma once

#include "eigenformer/error.hpp"
#include "eigenformer/nn/session.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

EIGENFORMER_INLINE WalkOutcome Session::run(const Batch& batch, const WalkLimits& limits, const ProbeCallback& probe) {
  if (batch.rows.empty()) return WalkOutcome::finished;
  Step step(*runner_.program, batch, *runner_.kernels, workspace_, runner_.executor->concurrency());
  Walk walk(*runner_.program, step, workspace_, probe);
  const WalkOutcome outcome = walk.advance(*runner_.executor, limits);
  for (const RowSet rows : k_row_sets) {
    row_counts_[static_cast<std::size_t>(rows)] = outcome == WalkOutcome::finished ? step.row_count(rows) : 0;
  }
  return outcome;
}

EIGENFORMER_INLINE ConstMatrixView Session::result(const std::string& name) const {
  const auto found = runner_.program->outputs.find(name);
  if (found == runner_.program->outputs.end()) {
    throw UsageError({.id = "usage.no_such_output",
                      .expected = "a model with the output \"" + name + "\"",
                      .found = "one without it",
                      .where = "",
                      .remedy = "use a model of another kind"});
  }
  const Value value = found->second.value;
  const std::size_t rows = row_counts_[static_cast<std::size_t>(value.rows)];
  const std::byte* base = workspace_.arena(value.rows) + runner_.program->places[value.id].offset_per_row * rows;
  return matrix_view(reinterpret_cast<const float*>(base),
                     {static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(value.width),
                      static_cast<Eigen::Index>(Step::stride(value))});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
