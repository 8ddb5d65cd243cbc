// Quantization of activations to 8 bits in blocks of 32: the scalar truth (rule 2).
#pragma once

#include <bit>

#include "eigenformer/kernels/kernel_table.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

/// Blocks whose largest magnitude is below become zeros: the bits of 2^-100.
inline constexpr std::uint32_t k_quantize_least_bits = 0x0D800000U;
inline constexpr std::uint32_t k_infinity_bits = 0x7F800000U;

/// The value an activation block gets that holds an infinity or NaN: its scale is NaN, so that every output is too.
inline constexpr std::uint32_t k_quiet_nan_bits = 0x7FC00000U;

namespace scalar {

/// Half to even, for |x| < 2^22; any int8 for NaN.
inline std::int8_t rounded_code(float x) {
  return static_cast<std::int8_t>(std::bit_cast<std::uint32_t>(x + 0x1.8p+23F) & 0xFFU);
}

/// scale = absmax / 127, q = rint(x (127 / absmax)). `count` of the 32 values are given, the others are 0. `at` is the
/// block's place in `rows`.
inline void quantize_block(const float* values, std::size_t count, const QuantizedRows& rows, std::size_t at) {
  std::uint32_t absmax_bits = 0;  // magnitudes order as their bits do, and NaN comes out largest
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(values[i]) & 0x7FFFFFFFU;
    absmax_bits = bits > absmax_bits ? bits : absmax_bits;
  }
  const bool finite = absmax_bits < k_infinity_bits;
  const bool zeros = absmax_bits < k_quantize_least_bits || !finite;
  const float absmax = std::bit_cast<float>(absmax_bits);
  const float inverse = zeros ? 0.0F : 127.0F / absmax;
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < quant::k_block; ++i) {
    const std::int8_t code = i < count && !zeros ? rounded_code(values[i] * inverse) : std::int8_t{0};
    rows.codes[at * quant::k_block + i] = code;
    sum += code;
  }
  const float scale = zeros ? std::bit_cast<float>(finite ? 0U : k_quiet_nan_bits) : absmax / 127.0F;
  rows.scales[at] = scale;
  rows.sums[at] = sum;
  rows.scaled_sums[at] = scale * static_cast<float>(sum);
}

inline void quantize_rows(const float* input, std::size_t stride, std::size_t size, std::size_t row_count,
                          const QuantizedRows& rows) noexcept {
  const std::size_t blocks = rows.inner / quant::k_block;
  for (std::size_t row = 0; row < row_count; ++row) {
    for (std::size_t block = 0; block < blocks; ++block) {
      const std::size_t first = block * quant::k_block;
      const std::size_t left = size > first ? size - first : 0;
      const std::size_t count = left < quant::k_block ? left : quant::k_block;
      quantize_block(input + row * stride + first, count, rows, row * blocks + block);
    }
  }
}

}  // namespace scalar
}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels
