// Softmax of one row: the scalar truth (rules 3 and 5).
#pragma once

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

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar
