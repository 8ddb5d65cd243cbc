// y = x W^T + bias (+ residual): the linear layer on panels.
#pragma once

#include <cstddef>

#include "eigenformer/core/config.hpp"
#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/quant/packed_matrix.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

/// Some panels of a matrix times some rows. Column c of the result is output 16 * first_panel + c.
struct LinearTask {
  const quant::PackedMatrix& matrix;
  const float* bias = nullptr;  ///< [outputs], or null
  std::size_t first_panel = 0;
  std::size_t panel_count = 0;
  std::size_t rows = 0;
  float* output = nullptr;          ///< [rows][output_stride], whole rows: the task writes its own columns
  std::size_t output_stride = 0;    ///< at least the outputs rounded up to 16
  const float* residual = nullptr;  ///< [rows][residual_stride], added last, or null
  std::size_t residual_stride = 0;
};

/// Activations in f32.
struct FloatRows {
  const float* first;  ///< [rows][stride]
  std::size_t stride;
};

/// f32 activations, any panel kind: docs/numerics.md, rule 1.
void linear(const kernels::KernelTable& kernels, const LinearTask& task, const FloatRows& input) noexcept;
/// Quantized activations, block kinds: rule 2.
void linear(const kernels::KernelTable& kernels, const LinearTask& task, const kernels::QuantizedRows& input) noexcept;

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/ops/linear-inl.hpp"
#endif
