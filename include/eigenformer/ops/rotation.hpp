// Turns queries and keys by their positions' angles: pairs (x_i, x_(i + d/2)) of each head, the half-split layout of
// Hugging Face's rotate_half. https://arxiv.org/abs/2104.09864. Values beyond the rotated ones stay as they are.
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/tensor_view.hpp"
#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/ops/heads.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

/// What rotary_angles gives, one row for each row of the heads: [rows, rotary_dim / 2] each.
struct RotationAngles {
  ConstMatrixView cosines;
  ConstMatrixView sines;
};

/// [heads, rows, head_dim], in place. Throws ShapeError. On a single head of a row call the kernel itself.
inline void rotate(const kernels::KernelTable& kernels, const HeadsView& heads, const RotationAngles& angles) {
  require_shape("rotate, sines", shape_of(angles.cosines), shape_of(angles.sines));
  require_shape("rotate, rows of cosines", {heads.rows}, {angles.cosines.rows()});
  const Eigen::Index size = 2 * angles.cosines.cols();
  if (size > heads.head_dim) require_shape("rotate, rotated values of a head", {heads.head_dim}, {size});
  for (Eigen::Index row = 0; row < heads.rows; ++row) {
    for (Eigen::Index head = 0; head < heads.heads; ++head) {
      kernels.rotate({.head = heads.row(head, row),
                      .cosines = row_of(angles.cosines, row),
                      .sines = row_of(angles.sines, row),
                      .size = static_cast<std::size_t>(size)});
    }
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops
