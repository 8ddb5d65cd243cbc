// Views of matrices that somebody else owns. Eigen serves as the view (Map, rows, blocks) only: its products and
// reductions would change bits with the compiler's flags (docs/numerics.md).
#pragma once

#include <Eigen/Core>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

using RowMajorMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// [rows, columns] floats, row-major, rows `outerStride()` floats apart.
using MatrixView = Eigen::Map<RowMajorMatrix, Eigen::Unaligned, Eigen::OuterStride<>>;
using ConstMatrixView = Eigen::Map<const RowMajorMatrix, Eigen::Unaligned, Eigen::OuterStride<>>;

/// [size] floats, one after another.
using VectorView = Eigen::Map<Eigen::VectorXf>;
using ConstVectorView = Eigen::Map<const Eigen::VectorXf>;

/// Where a matrix lies: its first element, its sizes and the floats from one row to the next.
struct MatrixPlace {
  Eigen::Index rows;
  Eigen::Index columns;
  Eigen::Index stride;
};

inline MatrixView matrix_view(float* first, const MatrixPlace& place) {
  return {first, place.rows, place.columns, Eigen::OuterStride<>(place.stride)};
}

inline ConstMatrixView matrix_view(const float* first, const MatrixPlace& place) {
  return {first, place.rows, place.columns, Eigen::OuterStride<>(place.stride)};
}

/// The same place, to be read only (Eigen's maps do not convert).
inline ConstMatrixView read_only(const MatrixView& view) {
  return matrix_view(view.data(), {view.rows(), view.cols(), view.outerStride()});
}

/// One row of a view: [columns] floats.
inline float* row_of(MatrixView view, Eigen::Index row) { return view.data() + row * view.outerStride(); }
inline const float* row_of(const ConstMatrixView& view, Eigen::Index row) {
  return view.data() + row * view.outerStride();
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
