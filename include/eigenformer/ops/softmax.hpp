// softmax(x)_i = exp(x_i - max x) / sum_j exp(x_j - max x), row by row.
//
// J. S. Bridle, "Probabilistic interpretation of feedforward classification network outputs" (1990),
// https://doi.org/10.1007/978-3-642-76153-9_28. On a single row call the kernel itself.
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/tensor_view.hpp"
#include "eigenformer/kernels/kernel_table.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

/// [rows, size], in place.
inline void softmax(const kernels::KernelTable& kernels, MatrixView values) noexcept {
  for (Eigen::Index row = 0; row < values.rows(); ++row) {
    kernels.softmax(row_of(values, row), static_cast<std::size_t>(values.cols()));
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops
