// Splitting rows into heads and joining heads to rows: the same memory, seen in two ways.
// https://arxiv.org/abs/1706.03762, section 3.2.2
#pragma once

#include <type_traits>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/tensor_view.hpp"
#include "eigenformer/ops/check.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

/// [heads, rows, head_dim] floats, a head's rows `row_stride` apart and heads `head_stride` apart.
template <class Float>
struct HeadsOf {
  using Matrix = std::conditional_t<std::is_const_v<Float>, ConstMatrixView, MatrixView>;

  Float* first = nullptr;
  Eigen::Index heads = 0;
  Eigen::Index rows = 0;
  Eigen::Index head_dim = 0;
  Eigen::Index head_stride = 0;
  Eigen::Index row_stride = 0;

  /// One head: [rows, head_dim].
  Matrix operator[](Eigen::Index head) const {
    return matrix_view(first + head * head_stride, {rows, head_dim, row_stride});
  }
  /// One row of one head: [head_dim].
  Float* row(Eigen::Index head, Eigen::Index row) const { return first + head * head_stride + row * row_stride; }
  Shape shape() const { return {heads, rows, head_dim}; }

  operator HeadsOf<const Float>() const { return {first, heads, rows, head_dim, head_stride, row_stride}; }
};

using HeadsView = HeadsOf<float>;
using ConstHeadsView = HeadsOf<const float>;

namespace heads_detail {

template <class Float, class View>
HeadsOf<Float> split(const View& matrix, Float* first, Eigen::Index heads) {
  const Eigen::Index head_dim = heads > 0 ? matrix.cols() / heads : 0;
  require_shape("split_heads, heads * head_dim", {matrix.cols()}, {heads * head_dim});
  return {first, heads, matrix.rows(), head_dim, head_dim, matrix.outerStride()};
}

}  // namespace heads_detail

/// [rows, heads * head_dim] -> [heads, rows, head_dim]. Throws ShapeError where the columns are no multiple of heads.
inline HeadsView split_heads(MatrixView matrix, Eigen::Index heads) {
  return heads_detail::split<float>(matrix, matrix.data(), heads);
}
inline ConstHeadsView split_heads(const ConstMatrixView& matrix, Eigen::Index heads) {
  return heads_detail::split<const float>(matrix, matrix.data(), heads);
}

/// [heads, rows, head_dim] -> [rows, heads * head_dim]. Heads must lie side by side in each row, as split_heads leaves
/// them: throws ShapeError where they do not.
template <class Float>
typename HeadsOf<Float>::Matrix merge_heads(const HeadsOf<Float>& heads) {
  require_shape("merge_heads, floats from head to head", {heads.head_dim}, {heads.head_stride});
  return matrix_view(heads.first, {heads.rows, heads.heads * heads.head_dim, heads.row_stride});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops
