// Softmax of one row on sixteen lanes, and the sum in it alone.
#pragma once

#include <limits>

#include "eigenformer/kernels/avx512/float_math.hpp"
#include "eigenformer/kernels/avx512/norms.hpp"
#include "eigenformer/kernels/softmax.hpp"

EIGENFORMER_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512 {

inline float largest_value(const float* values, std::size_t size) {
  __m512 largest = _mm512_set1_ps(values[0]);
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) largest = _mm512_max_ps(_mm512_loadu_ps(values + i), largest);
  if (i < size) {
    largest = _mm512_max_ps(_mm512_mask_loadu_ps(largest, first_lanes(size - i), values + i), largest);
  }
  return largest_lane(largest);
}

inline void softmax(float* values, std::size_t size) noexcept {
  if (size == 0) return;
  const __m512 maximum = _mm512_set1_ps(largest_value(values, size));
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    _mm512_storeu_ps(values + i, exponential(_mm512_sub_ps(_mm512_loadu_ps(values + i), maximum)));
  }
  if (i < size) {
    store_first(values + i, size - i, exponential(_mm512_sub_ps(load_first(values + i, size - i), maximum)));
  }
  const __m512 total = _mm512_set1_ps(sum_of_values(values, size));
  for (i = 0; i + 16 <= size; i += 16) {
    _mm512_storeu_ps(values + i, _mm512_div_ps(_mm512_loadu_ps(values + i), total));
  }
  if (i < size) store_first(values + i, size - i, _mm512_div_ps(load_first(values + i, size - i), total));
}

inline ExponentialSum sum_exponentials(const float* values, std::size_t size) noexcept {
  constexpr float k_nothing = -std::numeric_limits<float>::infinity();
  const float maximum = size == 0 ? k_nothing : largest_value(values, size);
  if (maximum == k_nothing) return {k_nothing, 0.0F};
  const __m512 largest = _mm512_set1_ps(maximum);
  __m512 sums = _mm512_setzero_ps();
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    sums = _mm512_add_ps(sums, exponential(_mm512_sub_ps(_mm512_loadu_ps(values + i), largest)));
  }
  if (i < size) {
    const __mmask16 left = first_lanes(size - i);
    const __m512 powers = exponential(_mm512_sub_ps(load_first(values + i, size - i), largest));
    sums = _mm512_mask_add_ps(sums, left, sums, powers);
  }
  return {maximum, sum_of_lanes(sums)};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512
EIGENFORMER_TARGET_END
