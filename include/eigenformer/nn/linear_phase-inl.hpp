#pragma once

#include <algorithm>

#include "eigenformer/core/aligned_buffer.hpp"
#include "eigenformer/nn/linear_phase.hpp"
#include "eigenformer/ops/linear.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

namespace linear_phase_detail {

/// Tasks for each worker: enough that a worker that was held up does not hold up the others.
inline constexpr std::size_t k_tasks_per_worker = 8;
/// Rows that are multiplied before bias and residual are added, while they are still in the cache.
inline constexpr std::size_t k_row_block = 64;
/// Weights that many rows are multiplied with before the next: half of a usual second-level cache.
inline constexpr std::size_t k_group_bytes = std::size_t{1} << 20U;

constexpr std::size_t divide_up(std::size_t value, std::size_t by) noexcept { return (value + by - 1) / by; }

}  // namespace linear_phase_detail

EIGENFORMER_INLINE std::size_t LinearPhase::panels() const noexcept {
  std::size_t total = 0;
  for (const LinearPart& part : parts_) total += part.weights.matrix->panels();
  return total;
}

EIGENFORMER_INLINE std::size_t LinearPhase::weight_bytes() const noexcept {
  std::size_t total = 0;
  for (const LinearPart& part : parts_) total += static_cast<std::size_t>(part.weights.matrix->bytes());
  return total;
}

EIGENFORMER_INLINE LinearPhase::Grid LinearPhase::grid(const Step& step) const noexcept {
  using namespace linear_phase_detail;
  const std::size_t row_blocks = divide_up(step.row_count(operand_.rows), k_row_block);
  if (row_blocks == 0) return {0, 0, 0};
  std::size_t groups = divide_up(step.workers() * k_tasks_per_worker, row_blocks);
  if (row_blocks > 1) groups = std::max(groups, divide_up(weight_bytes(), k_group_bytes));
  std::size_t panels_per_group = divide_up(panels(), groups);
  if (panels_per_group > 1) panels_per_group = round_up(panels_per_group, 2);  // kernels take two panels at a time
  return {panels_per_group, divide_up(panels(), panels_per_group), row_blocks};
}

EIGENFORMER_INLINE std::uint32_t LinearPhase::tasks(const Step& step) const noexcept {
  const Grid tasks = grid(step);
  return static_cast<std::uint32_t>(tasks.groups * tasks.row_blocks);
}

EIGENFORMER_INLINE void LinearPhase::run(const Step& step, std::uint32_t task, std::byte*) const noexcept {
  const Grid tasks = grid(step);
  const std::size_t group = task / tasks.row_blocks;
  const std::size_t first_row = task % tasks.row_blocks * linear_phase_detail::k_row_block;
  const RowRange rows{first_row, std::min(linear_phase_detail::k_row_block, step.row_count(operand_.rows) - first_row)};
  const PanelRange mine{group * tasks.panels_per_group, (group + 1) * tasks.panels_per_group};
  std::size_t before = 0;
  for (const LinearPart& part : parts_) {
    const std::size_t count = part.weights.matrix->panels();
    const std::size_t first = std::max(mine.first, before);
    const std::size_t end = std::min(mine.end, before + count);
    if (first < end) run_part(step, part, {first - before, end - before}, rows);
    before += count;
  }
}

EIGENFORMER_INLINE void LinearPhase::run_part(const Step& step, const LinearPart& part, PanelRange panels,
                                              RowRange rows) const noexcept {
  ops::LinearTask task{.matrix = *part.weights.matrix,
                       .bias = part.weights.bias,
                       .first_panel = panels.first,
                       .panel_count = panels.end - panels.first,
                       .rows = rows.count,
                       .output = step.row(part.output, rows.first),
                       .output_stride = Step::stride(part.output)};
  if (part.residual) {
    task.residual = step.row(*part.residual, rows.first);
    task.residual_stride = Step::stride(*part.residual);
  }
  if (is_quantized_) {
    ops::linear(step.kernels(), task, step.quantized(operand_, rows.first));
  } else {
    ops::linear(step.kernels(), task, {step.row(operand_, rows.first), Step::stride(operand_)});
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
