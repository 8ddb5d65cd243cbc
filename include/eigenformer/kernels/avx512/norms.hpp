// RMSNorm and LayerNorm of one row: the sixteen virtual lanes of rule 3 are one register.
#pragma once

#include <cmath>

#include "eigenformer/kernels/avx512/lanes.hpp"
#include "eigenformer/kernels/norms.hpp"

EIGENFORMER_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512 {

/// sum(x - offset)^2, or of x^2 for offset 0 (x - 0 is x). Lanes beyond the end stay as they are.
inline float sum_of_squares(const float* values, std::size_t size, float offset) {
  const __m512 shift = _mm512_set1_ps(offset);
  __m512 sums = _mm512_setzero_ps();
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    const __m512 difference = _mm512_sub_ps(_mm512_loadu_ps(values + i), shift);
    sums = _mm512_fmadd_ps(difference, difference, sums);
  }
  if (i < size) {
    const __m512 difference = _mm512_sub_ps(load_first(values + i, size - i), shift);
    sums = _mm512_mask3_fmadd_ps(difference, difference, sums, first_lanes(size - i));
  }
  return sum_of_lanes(sums);
}

inline float sum_of_values(const float* values, std::size_t size) {
  __m512 sums = _mm512_setzero_ps();
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) sums = _mm512_add_ps(sums, _mm512_loadu_ps(values + i));
  if (i < size) sums = _mm512_add_ps(sums, load_first(values + i, size - i));
  return sum_of_lanes(sums);
}

inline void rms_norm(const RmsNorm& norm) noexcept {
  const float mean = sum_of_squares(norm.input, norm.size, 0.0F) / static_cast<float>(norm.size);
  const __m512 scale = _mm512_set1_ps(1.0F / std::sqrt(mean + norm.epsilon));
  std::size_t i = 0;
  for (; i + 16 <= norm.size; i += 16) {
    const __m512 scaled = _mm512_mul_ps(_mm512_loadu_ps(norm.input + i), scale);
    _mm512_storeu_ps(norm.output + i, _mm512_mul_ps(scaled, _mm512_loadu_ps(norm.weight + i)));
  }
  if (i == norm.size) return;
  const std::size_t left = norm.size - i;
  const __m512 scaled = _mm512_mul_ps(load_first(norm.input + i, left), scale);
  store_first(norm.output + i, left, _mm512_mul_ps(scaled, load_first(norm.weight + i, left)));
}

inline void layer_norm(const LayerNorm& norm) noexcept {
  const float count = static_cast<float>(norm.size);
  const float mean = sum_of_values(norm.input, norm.size) / count;
  const float variance = sum_of_squares(norm.input, norm.size, mean) / count;
  const __m512 shift = _mm512_set1_ps(mean);
  const __m512 scale = _mm512_set1_ps(1.0F / std::sqrt(variance + norm.epsilon));
  std::size_t i = 0;
  for (; i + 16 <= norm.size; i += 16) {
    const __m512 scaled = _mm512_mul_ps(_mm512_sub_ps(_mm512_loadu_ps(norm.input + i), shift), scale);
    const __m512 weight = _mm512_loadu_ps(norm.weight + i);
    _mm512_storeu_ps(norm.output + i, _mm512_fmadd_ps(scaled, weight, _mm512_loadu_ps(norm.bias + i)));
  }
  if (i == norm.size) return;
  const std::size_t left = norm.size - i;
  const __m512 scaled = _mm512_mul_ps(_mm512_sub_ps(load_first(norm.input + i, left), shift), scale);
  const __m512 weight = load_first(norm.weight + i, left);
  store_first(norm.output + i, left, _mm512_fmadd_ps(scaled, weight, load_first(norm.bias + i, left)));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512
EIGENFORMER_TARGET_END
