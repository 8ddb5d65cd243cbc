// The arithmetic of pooling, in double precision and one order; for the library's own rooms.
// https://github.com/UKPLab/sentence-transformers/blob/v5.1.0/sentence_transformers/models/Pooling.py
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/pooling.hpp"
#include "eigenformer/core/tensor_view.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tasks {

/// Sum over the rows of row * weight(index) / divisor: [width].
template <class Weight>
std::vector<float> weighted_sum(const ConstMatrixView& rows, double divisor, Weight weight) {
  std::vector<double> sums(static_cast<std::size_t>(rows.cols()), 0.0);
  for (Eigen::Index row = 0; row < rows.rows(); ++row) {
    const float* values = row_of(rows, row);
    const double factor = weight(row);
    for (std::size_t column = 0; column < sums.size(); ++column) sums[column] += factor * values[column];
  }
  std::vector<float> pooled(sums.size());
  std::transform(sums.begin(), sums.end(), pooled.begin(),
                 [=](double sum) { return static_cast<float>(sum / divisor); });
  return pooled;
}

/// The greatest of each column: [width].
inline std::vector<float> greatest_of_rows(const ConstMatrixView& rows) {
  std::vector<float> pooled(static_cast<std::size_t>(rows.cols()), -std::numeric_limits<float>::infinity());
  for (Eigen::Index row = 0; row < rows.rows(); ++row) {
    const float* values = row_of(rows, row);
    for (std::size_t column = 0; column < pooled.size(); ++column) {
      pooled[column] = std::max(pooled[column], values[column]);
    }
  }
  return pooled;
}

/// Rows [n, width] without the first `left_out`, which still count as places of the weighted mean: [width].
inline std::vector<float> pool_rows(Pooling pooling, const ConstMatrixView& every, std::size_t left_out) {
  const auto first = static_cast<Eigen::Index>(left_out);
  const ConstMatrixView rows =
      matrix_view(row_of(every, first), {every.rows() - first, every.cols(), every.outerStride()});
  const auto count = static_cast<double>(rows.rows());
  const auto one = [](Eigen::Index) { return 1.0; };
  const auto place = [&](Eigen::Index row) { return static_cast<double>(first + row + 1); };
  const auto copy = [&](Eigen::Index row) {
    return std::vector<float>(row_of(rows, row), row_of(rows, row) + rows.cols());
  };
  switch (pooling) {
    case Pooling::cls: return copy(0);
    case Pooling::last: return copy(rows.rows() - 1);
    case Pooling::max: return greatest_of_rows(rows);
    case Pooling::mean_sqrt_length: return weighted_sum(rows, std::sqrt(count), one);
    case Pooling::weighted_mean: return weighted_sum(rows, count * (place(0) + place(rows.rows() - 1)) / 2.0, place);
    case Pooling::automatic:
    case Pooling::mean: break;
  }
  return weighted_sum(rows, count, one);
}

/// Sum of a[i] b[i], i ascending.
inline double dot_product(std::span<const float> a, std::span<const float> b) {
  double sum = 0.0;
  for (std::size_t index = 0; index < a.size(); ++index) sum += static_cast<double>(a[index]) * b[index];
  return sum;
}

/// To the length 1; all zeros stay. As torch.nn.functional.normalize, whose least length is 1e-12.
inline void normalize_length(std::span<float> values) {
  const double length = std::max(std::sqrt(dot_product(values, values)), 1e-12);
  for (float& value : values) value = static_cast<float>(value / length);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tasks
