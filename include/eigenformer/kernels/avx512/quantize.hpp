// Quantization of activations, a block of 32 in two registers (rule 2).
#pragma once

#include "eigenformer/kernels/avx512/lanes.hpp"
#include "eigenformer/kernels/avx2/quantize.hpp"
#include "eigenformer/kernels/quantize.hpp"

EIGENFORMER_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512 {

/// 32 values.
struct BlockValues {
  __m512 low, high;
};

/// Magnitudes order as their bits do.
inline std::uint32_t largest_magnitude_bits(const BlockValues& values) {
  const __m512i mask = _mm512_set1_epi32(0x7FFFFFFF);
  const __m512i sixteen = _mm512_max_epi32(_mm512_and_si512(mask, _mm512_castps_si512(values.low)),
                                           _mm512_and_si512(mask, _mm512_castps_si512(values.high)));
  const __m256i eight = _mm256_max_epi32(_mm512_castsi512_si256(sixteen), _mm512_extracti32x8_epi32(sixteen, 1));
  const __m128i four = _mm_max_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
  const __m128i two = _mm_max_epi32(four, _mm_shuffle_epi32(four, 0x4E));
  return static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_max_epi32(two, _mm_shuffle_epi32(two, 0xB1))));
}

/// Writes the 32 codes of values * inverse and returns their sum.
inline std::int32_t store_codes(const BlockValues& values, float inverse, std::int8_t* codes) {
  const __m512 factor = _mm512_set1_ps(inverse);
  const __m512i low = _mm512_cvtps_epi32(_mm512_mul_ps(values.low, factor));
  const __m512i high = _mm512_cvtps_epi32(_mm512_mul_ps(values.high, factor));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(codes), _mm512_cvtepi32_epi8(low));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(codes + 16), _mm512_cvtepi32_epi8(high));
  const __m512i sixteen = _mm512_add_epi32(low, high);
  return avx2::sum_of_integers(
      _mm256_add_epi32(_mm512_castsi512_si256(sixteen), _mm512_extracti32x8_epi32(sixteen, 1)));
}

inline void quantize_block(const BlockValues& values, const QuantizedRows& rows, std::size_t at) {
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
  const std::size_t whole = size / quant::k_block;
  for (std::size_t block = 0; block < whole; ++block) {
    const float* values = input + block * quant::k_block;
    quantize_block({_mm512_loadu_ps(values), _mm512_loadu_ps(values + 16)}, rows, first_block + block);
  }
  if (whole == blocks) return;
  const std::size_t left = size - whole * quant::k_block;
  const float* values = input + whole * quant::k_block;
  const std::size_t low = left < 16 ? left : 16;
  quantize_block({load_first(values, low), load_first(values + low, left - low)}, rows, first_block + whole);
}

inline void quantize_rows(const float* input, std::size_t stride, std::size_t size, std::size_t row_count,
                          const QuantizedRows& rows) noexcept {
  const std::size_t blocks = rows.inner / quant::k_block;
  for (std::size_t row = 0; row < row_count; ++row) quantize_row(input + row * stride, size, rows, row * blocks);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512
EIGENFORMER_TARGET_END
