// Quantization of activations, a block of 32 in four registers (rule 2).
#pragma once

#include "eigenformer/kernels/avx2/lanes.hpp"
#include "eigenformer/kernels/quantize.hpp"

EIGENFORMER_TARGET_BEGIN("avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2 {

/// Magnitudes order as their bits do.
inline std::uint32_t largest_magnitude_bits(const __m256 values[4]) {
  const __m256i mask = _mm256_set1_epi32(0x7FFFFFFF);
  const __m256i first = _mm256_max_epi32(_mm256_and_si256(mask, _mm256_castps_si256(values[0])),
                                         _mm256_and_si256(mask, _mm256_castps_si256(values[1])));
  const __m256i second = _mm256_max_epi32(_mm256_and_si256(mask, _mm256_castps_si256(values[2])),
                                          _mm256_and_si256(mask, _mm256_castps_si256(values[3])));
  const __m256i eight = _mm256_max_epi32(first, second);
  const __m128i four = _mm_max_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
  const __m128i two = _mm_max_epi32(four, _mm_shuffle_epi32(four, 0x4E));
  return static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_max_epi32(two, _mm_shuffle_epi32(two, 0xB1))));
}

inline std::int32_t sum_of_integers(__m256i lanes) {
  const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
  const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
  return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
}

/// Writes the 32 codes of values * inverse and returns their sum.
inline std::int32_t store_codes(const __m256 values[4], float inverse, std::int8_t* codes) {
  const __m256 factor = _mm256_set1_ps(inverse);
  const __m256i q0 = _mm256_cvtps_epi32(_mm256_mul_ps(values[0], factor));
  const __m256i q1 = _mm256_cvtps_epi32(_mm256_mul_ps(values[1], factor));
  const __m256i q2 = _mm256_cvtps_epi32(_mm256_mul_ps(values[2], factor));
  const __m256i q3 = _mm256_cvtps_epi32(_mm256_mul_ps(values[3], factor));
  const __m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(q0, q1), _mm256_packs_epi32(q2, q3));
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);  // packing works within halves
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(codes), _mm256_permutevar8x32_epi32(bytes, order));
  return sum_of_integers(_mm256_add_epi32(_mm256_add_epi32(q0, q1), _mm256_add_epi32(q2, q3)));
}

inline void quantize_block(const __m256 values[4], const QuantizedRows& rows, std::size_t at) {
  const std::uint32_t absmax_bits = largest_magnitude_bits(values);
  std::int8_t* codes = rows.codes + at * quant::k_block;
  if (absmax_bits < k_quantize_least_bits || absmax_bits >= k_infinity_bits) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(codes), _mm256_setzero_si256());
    const std::uint32_t scale_bits = absmax_bits < k_infinity_bits ? 0U : k_quiet_nan_bits;
    std::memcpy(rows.scales + at, &scale_bits, 4);
    std::memcpy(rows.scaled_sums + at, &scale_bits, 4);
    rows.sums[at] = 0;
    return;
  }
  float absmax;
  std::memcpy(&absmax, &absmax_bits, 4);
  const std::int32_t sum = store_codes(values, 127.0F / absmax, codes);
  const float scale = absmax / 127.0F;
  rows.scales[at] = scale;
  rows.sums[at] = sum;
  rows.scaled_sums[at] = scale * static_cast<float>(sum);
}

inline void quantize_row(const float* input, std::size_t size, const QuantizedRows& rows, std::size_t first_block) {
  const std::size_t blocks = rows.inner / quant::k_block;
  for (std::size_t block = 0; block < blocks; ++block) {
    const float* values = input + block * quant::k_block;
    const std::size_t first = block * quant::k_block;
    __m256 lanes[4];
    if (first + quant::k_block <= size) {
      for (int i = 0; i < 4; ++i) lanes[i] = _mm256_loadu_ps(values + 8 * i);
    } else {
      std::size_t left = size > first ? size - first : 0;
      for (int i = 0; i < 4; ++i) {
        const std::size_t count = left < 8 ? left : 8;
        lanes[i] = count == 0 ? every_lane(0.0F) : load_first(values + 8 * i, count);
        left -= count;
      }
    }
    quantize_block(lanes, rows, first_block + block);
  }
}

inline void quantize_rows(const float* input, std::size_t stride, std::size_t size, std::size_t row_count,
                          const QuantizedRows& rows) noexcept {
  const std::size_t blocks = rows.inner / quant::k_block;
  for (std::size_t row = 0; row < row_count; ++row) quantize_row(input + row * stride, size, rows, row * blocks);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2
EIGENFORMER_TARGET_END
