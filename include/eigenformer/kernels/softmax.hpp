// Softmax of one row, and the sum in it alone: the scalar truth (rules 3 and 5).
#pragma once

#include <limits>

#include "eigenformer/kernels/float_math.hpp"
#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/kernels/row_reduction.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar {

/// p[i] = exp(x[i] - max x), y = p / sum p.
inline void softmax(float* values, std::size_t size) noexcept {
  if (size == 0) return;
  float maximum = values[0];
  for (std::size_t i = 1; i < size; ++i) maximum = values[i] > maximum ? values[i] : maximum;
  RowSum sum;
  for (std::size_t i = 0; i < size; ++i) {
    values[i] = exponential(values[i] - maximum);
    sum.add(i, values[i]);
  }
  const float total = sum.total();
  for (std::size_t i = 0; i < size; ++i) values[i] /= total;
}

inline ExponentialSum sum_exponentials(const float* values, std::size_t size) noexcept {
  constexpr float k_nothing = -std::numeric_limits<float>::infinity();
  float largest = k_nothing;
  for (std::size_t i = 0; i < size; ++i) largest = values[i] > largest ? values[i] : largest;
  if (largest == k_nothing) return {k_nothing, 0.0F};
  RowSum sum;
  for (std::size_t i = 0; i < size; ++i) sum.add(i, exponential(values[i] - largest));
  return {largest, sum.total()};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar
