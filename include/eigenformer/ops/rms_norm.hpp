// y = x / sqrt(mean(x^2) + epsilon) * weight, row by row. https://arxiv.org/abs/1910.07467
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/tensor_view.hpp"
#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/ops/check.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

struct RmsNormOptions {
  ConstVectorView weight;  ///< [size]
  float epsilon;
};

/// [rows, size] -> [rows, size]; output may be the input. Throws ShapeError. On a single row call the kernel itself.
inline void rms_norm(const kernels::KernelTable& kernels, const ConstMatrixView& input, const RmsNormOptions& options,
                     MatrixView output) {
  require_shape("rms_norm, weight", {input.cols()}, {options.weight.size()});
  require_shape("rms_norm, output", shape_of(input), shape_of(output));
  for (Eigen::Index row = 0; row < input.rows(); ++row) {
    kernels.rms_norm({.input = row_of(input, row),
                      .weight = options.weight.data(),
                      .output = row_of(output, row),
                      .size = static_cast<std::size_t>(input.cols()),
                      .epsilon = options.epsilon});
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops
