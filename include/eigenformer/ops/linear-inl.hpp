#pragma once

#include <algorithm>

#include "eigenformer/ops/linear.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

namespace linear_detail {

/// Bias first, residual last, each one rounded sum.
inline void finish(const kernels::KernelTable& kernels, const LinearTask& task) noexcept {
  const std::size_t first = task.first_panel * quant::k_panel_outputs;
  const std::size_t end = std::min(first + task.panel_count * quant::k_panel_outputs, task.matrix.outputs());
  for (std::size_t row = 0; row < task.rows; ++row) {
    float* output = task.output + row * task.output_stride + first;
    if (task.bias != nullptr) kernels.add(output, task.bias + first, output, end - first);
    if (task.residual != nullptr) {
      kernels.add(task.residual + row * task.residual_stride + first, output, output, end - first);
    }
  }
}

}  // namespace linear_detail

EIGENFORMER_INLINE void linear(const kernels::KernelTable& kernels, const LinearTask& task,
                               const FloatRows& input) noexcept {
  kernels.float_product({.kind = task.matrix.kind(),
                         .panels = task.matrix.panel(task.first_panel),
                         .panel_count = task.panel_count,
                         .inner = task.matrix.inner(),
                         .input = input.first,
                         .input_stride = input.stride,
                         .rows = task.rows,
                         .output = task.output + task.first_panel * quant::k_panel_outputs,
                         .output_stride = task.output_stride});
  linear_detail::finish(kernels, task);
}

EIGENFORMER_INLINE void linear(const kernels::KernelTable& kernels, const LinearTask& task,
                               const kernels::QuantizedRows& input) noexcept {
  kernels.block_product({.kind = task.matrix.kind(),
                         .panels = task.matrix.panel(task.first_panel),
                         .panel_count = task.panel_count,
                         .input = input,
                         .rows = task.rows,
                         .output = task.output + task.first_panel * quant::k_panel_outputs,
                         .output_stride = task.output_stride});
  linear_detail::finish(kernels, task);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops
