// y = (x - mean(x)) / sqrt(variance(x) + epsilon) * weight + bias, row by row. https://arxiv.org/abs/1607.06450
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/tensor_view.hpp"
#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/ops/check.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

struct LayerNormOptions {
  ConstVectorView weight;  ///< [size]
  ConstVectorView bias;    ///< [size]
  float epsilon;
};

/// [rows, size] -> [rows, size]; output may be the input. Throws ShapeError. On a single row call the kernel itself.
inline void layer_norm(const kernels::KernelTable& kernels, const ConstMatrixView& input,
                       const LayerNormOptions& options, MatrixView output) {
  require_shape("layer_norm, weight", {input.cols()}, {options.weight.size()});
  require_shape("layer_norm, bias", {input.cols()}, {options.bias.size()});
  require_shape("layer_norm, output", shape_of(input), shape_of(output));
  for (Eigen::Index row = 0; row < input.rows(); ++row) {
    kernels.layer_norm({.input = row_of(input, row),
                        .weight = options.weight.data(),
                        .bias = options.bias.data(),
                        .output = row_of(output, row),
                        .size = static_cast<std::size_t>(input.cols()),
                        .epsilon = options.epsilon});
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops
