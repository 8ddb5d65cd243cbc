#pragma once

#include <algorithm>

#include "eigenformer/nn/linear_phase.hpp"
#include "eigenformer/ops/linear.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

namespace linear_phase_detail {

/// Tasks for each worker: enough that a worker that was held up does not hold up the others.
inline constexpr std::size_t k_tasks_per_worker = 8;
/// Rows that are multiplied before bias and residual are added, while they are still in the cache.
inline constexpr std::size_t k_row_block = 64;

}  // namespace linear_phase_detail

EIGENFORMER_INLINE std::size_t LinearPhase::panels() const noexcept {
  std::size_t total = 0;
  for (const LinearPart& part : parts_) total += part.weights.matrix->panels();
  return total;
}

EIGENFORMER_INLINE std::size_t LinearPhase::panels_per_task(const Step& step) const noexcept {
  const std::size_t wanted_tasks = step.workers() * linear_phase_detail::k_tasks_per_worker;
  return std::max<std::size_t>(1, (panels() + wanted_tasks - 1) / wanted_tasks);
}

EIGENFORMER_INLINE std::uint32_t LinearPhase::tasks(const Step& step) const noexcept {
  if (step.row_count(operand_.rows) == 0) return 0;
  const std::size_t per_task = panels_per_task(step);
  return static_cast<std::uint32_t>((panels() + per_task - 1) / per_task);
}

EIGENFORMER_INLINE void LinearPhase::run(const Step& step, std::uint32_t task, std::byte*) const noexcept {
  const std::size_t per_task = panels_per_task(step);
  const PanelRange mine{task * per_task, (task + 1) * per_task};
  std::size_t before = 0;
  for (const LinearPart& part : parts_) {
    const std::size_t count = part.weights.matrix->panels();
    const std::size_t first = std::max(mine.first, before);
    const std::size_t end = std::min(mine.end, before + count);
    if (first < end) run_part(step, part, {first - before, end - before});
    before += count;
  }
}

EIGENFORMER_INLINE void LinearPhase::run_part(const Step& step, const LinearPart& part,
                                              PanelRange range) const noexcept {
  const std::size_t rows = step.row_count(operand_.rows);
  for (std::size_t first = 0; first < rows; first += linear_phase_detail::k_row_block) {
    ops::LinearTask task{.matrix = *part.weights.matrix,
                         .bias = part.weights.bias,
                         .first_panel = range.first,
                         .panel_count = range.end - range.first,
                         .rows = std::min(linear_phase_detail::k_row_block, rows - first),
                         .output = step.row(part.output, first),
                         .output_stride = Step::stride(part.output)};
    if (part.residual) {
      task.residual = step.row(*part.residual, first);
      task.residual_stride = Step::stride(*part.residual);
    }
    if (is_quantized_) {
      ops::linear(step.kernels(), task, step.quantized(operand_, first));
    } else {
      ops::linear(step.kernels(), task, {step.row(operand_, first), Step::stride(operand_)});
    }
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
