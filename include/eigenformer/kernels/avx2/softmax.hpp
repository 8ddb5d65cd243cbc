// Softmax of one row on eight lanes, and the sum in it alone.
#pragma once

#include <limits>

#include "eigenformer/kernels/avx2/float_math.hpp"
#include "eigenformer/kernels/avx2/norms.hpp"
#include "eigenformer/kernels/softmax.hpp"

EIGENFORMER_TARGET_BEGIN("avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2 {

inline float largest_value(const float* values, std::size_t size) {
  __m256 largest = _mm256_set1_ps(values[0]);
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) largest = _mm256_max_ps(_mm256_loadu_ps(values + i), largest);
  if (i < size) {
    const __m256 mask = _mm256_castsi256_ps(first_lanes(size - i));
    const __m256 rest = _mm256_blendv_ps(largest, load_first(values + i, size - i), mask);
    largest = _mm256_max_ps(rest, largest);
  }
  return largest_lane(largest);
}

inline void softmax(float* values, std::size_t size) noexcept {
  if (size == 0) return;
  const __m256 maximum = _mm256_set1_ps(largest_value(values, size));
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    _mm256_storeu_ps(values + i, exponential(_mm256_sub_ps(_mm256_loadu_ps(values + i), maximum)));
  }
  if (i < size) {
    store_first(values + i, size - i, exponential(_mm256_sub_ps(load_first(values + i, size - i), maximum)));
  }
  const __m256 total = _mm256_set1_ps(sum_of_values(values, size));
  for (i = 0; i + 8 <= size; i += 8) {
    _mm256_storeu_ps(values + i, _mm256_div_ps(_mm256_loadu_ps(values + i), total));
  }
  if (i < size) store_first(values + i, size - i, _mm256_div_ps(load_first(values + i, size - i), total));
}

/// exp(x - largest) of the first `count` (0 .. 8) values, the other lanes 0.
inline __m256 first_exponentials(const float* values, std::size_t count, __m256 largest) {
  const __m256 powers = exponential(_mm256_sub_ps(load_first(values, count), largest));
  return _mm256_and_ps(powers, _mm256_castsi256_ps(first_lanes(count)));
}

inline ExponentialSum sum_exponentials(const float* values, std::size_t size) noexcept {
  constexpr float k_nothing = -std::numeric_limits<float>::infinity();
  const float maximum = size == 0 ? k_nothing : largest_value(values, size);
  if (maximum == k_nothing) return {k_nothing, 0.0F};
  const __m256 largest = _mm256_set1_ps(maximum);
  __m256 low = _mm256_setzero_ps();
  __m256 high = _mm256_setzero_ps();
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    low = _mm256_add_ps(low, exponential(_mm256_sub_ps(_mm256_loadu_ps(values + i), largest)));
    high = _mm256_add_ps(high, exponential(_mm256_sub_ps(_mm256_loadu_ps(values + i + 8), largest)));
  }
  if (i < size) {
    const LanesLeft left = lanes_left(size, i);
    low = _mm256_add_ps(low, first_exponentials(values + i, left.low, largest));
    high = _mm256_add_ps(high, first_exponentials(values + i + left.low, left.high, largest));
  }
  return {maximum, sum_of_lanes(low, high)};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2
EIGENFORMER_TARGET_END
