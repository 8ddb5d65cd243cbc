// RMSNorm and LayerNorm of one row: the sixteen virtual lanes of rule 3 are two registers.
#pragma once

#include <cmath>

#include "eigenformer/kernels/avx2/lanes.hpp"
#include "eigenformer/kernels/norms.hpp"

EIGENFORMER_TARGET_BEGIN("avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2 {

/// Lanes in use of the two registers that hold values i .. i + 15 of `size`.
struct LanesLeft {
  std::size_t low, high;
};

inline LanesLeft lanes_left(std::size_t size, std::size_t i) {
  const std::size_t left = size - i;
  return {left < 8 ? left : 8, left < 8 ? 0 : left - 8};
}

/// sum(x - offset)^2, or of x^2 for offset 0 (x - 0 is x). Lanes beyond the end add fma(0, 0, lane), which is the lane.
inline float sum_of_squares(const float* values, std::size_t size, float offset) {
  const __m256 shift = _mm256_set1_ps(offset);
  __m256 low = _mm256_setzero_ps();
  __m256 high = _mm256_setzero_ps();
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    const __m256 first = _mm256_sub_ps(_mm256_loadu_ps(values + i), shift);
    const __m256 second = _mm256_sub_ps(_mm256_loadu_ps(values + i + 8), shift);
    low = _mm256_fmadd_ps(first, first, low);
    high = _mm256_fmadd_ps(second, second, high);
  }
  if (i < size) {
    const LanesLeft left = lanes_left(size, i);
    const __m256 first = _mm256_and_ps(_mm256_sub_ps(load_first(values + i, left.low), shift),
                                       _mm256_castsi256_ps(first_lanes(left.low)));
    const __m256 second = _mm256_and_ps(_mm256_sub_ps(load_first(values + i + left.low, left.high), shift),
                                        _mm256_castsi256_ps(first_lanes(left.high)));
    low = _mm256_fmadd_ps(first, first, low);
    high = _mm256_fmadd_ps(second, second, high);
  }
  return sum_of_lanes(low, high);
}

inline float sum_of_values(const float* values, std::size_t size) {
  __m256 low = _mm256_setzero_ps();
  __m256 high = _mm256_setzero_ps();
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    low = _mm256_add_ps(low, _mm256_loadu_ps(values + i));
    high = _mm256_add_ps(high, _mm256_loadu_ps(values + i + 8));
  }
  if (i < size) {
    const LanesLeft left = lanes_left(size, i);
    low = _mm256_add_ps(low, load_first(values + i, left.low));
    high = _mm256_add_ps(high, load_first(values + i + left.low, left.high));
  }
  return sum_of_lanes(low, high);
}

inline void rms_norm(const RmsNorm& norm) noexcept {
  const float mean = sum_of_squares(norm.input, norm.size, 0.0F) / static_cast<float>(norm.size);
  const __m256 scale = _mm256_set1_ps(1.0F / std::sqrt(mean + norm.epsilon));
  std::size_t i = 0;
  for (; i + 8 <= norm.size; i += 8) {
    const __m256 scaled = _mm256_mul_ps(_mm256_loadu_ps(norm.input + i), scale);
    _mm256_storeu_ps(norm.output + i, _mm256_mul_ps(scaled, _mm256_loadu_ps(norm.weight + i)));
  }
  if (i == norm.size) return;
  const std::size_t left = norm.size - i;
  const __m256 scaled = _mm256_mul_ps(load_first(norm.input + i, left), scale);
  store_first(norm.output + i, left, _mm256_mul_ps(scaled, load_first(norm.weight + i, left)));
}

inline void layer_norm(const LayerNorm& norm) noexcept {
  const float count = static_cast<float>(norm.size);
  const float mean = sum_of_values(norm.input, norm.size) / count;
  const float variance = sum_of_squares(norm.input, norm.size, mean) / count;
  const __m256 shift = _mm256_set1_ps(mean);
  const __m256 scale = _mm256_set1_ps(1.0F / std::sqrt(variance + norm.epsilon));
  std::size_t i = 0;
  for (; i + 8 <= norm.size; i += 8) {
    const __m256 scaled = _mm256_mul_ps(_mm256_sub_ps(_mm256_loadu_ps(norm.input + i), shift), scale);
    const __m256 weight = _mm256_loadu_ps(norm.weight + i);
    _mm256_storeu_ps(norm.output + i, _mm256_fmadd_ps(scaled, weight, _mm256_loadu_ps(norm.bias + i)));
  }
  if (i == norm.size) return;
  const std::size_t left = norm.size - i;
  const __m256 scaled = _mm256_mul_ps(_mm256_sub_ps(load_first(norm.input + i, left), shift), scale);
  const __m256 weight = load_first(norm.weight + i, left);
  store_first(norm.output + i, left, _mm256_fmadd_ps(scaled, weight, load_first(norm.bias + i, left)));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2
EIGENFORMER_TARGET_END
