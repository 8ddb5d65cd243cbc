// Activations, element by element, plain and gated: y = activation(x), y = activation(gate) * up.
//
// relu: https://doi.org/10.1109/TSSC.1969.300225; gelu: https://arxiv.org/abs/1606.08415; silu:
// https://arxiv.org/abs/1702.03118; gates: https://arxiv.org/abs/2002.05202
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/tensor_view.hpp"
#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/ops/check.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

using kernels::Activation;

/// [rows, size], in place.
inline void activate(const kernels::KernelTable& kernels, Activation activation, MatrixView values) noexcept {
  for (Eigen::Index row = 0; row < values.rows(); ++row) {
    kernels.activate(activation, row_of(values, row), static_cast<std::size_t>(values.cols()));
  }
}

/// gate = activation(gate) * up, both [rows, size]. Throws ShapeError.
inline void activate_gated(const kernels::KernelTable& kernels, Activation activation, MatrixView gate,
                           const ConstMatrixView& up) {
  require_shape("activate_gated, up", shape_of(gate), shape_of(up));
  for (Eigen::Index row = 0; row < gate.rows(); ++row) {
    kernels.activate_gated(activation, row_of(gate, row), row_of(up, row), static_cast<std::size_t>(gate.cols()));
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops
