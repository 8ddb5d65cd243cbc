// Quantization of activations, a block of 32 in eight registers (rule 2).
#pragma once

#include "eigenformer/kernels/neon/lanes.hpp"
#include "eigenformer/kernels/quantize.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon {

inline constexpr std::size_t k_block_registers = quant::k_block / k_lanes;

/// Magnitudes order as their bits do.
inline std::uint32_t largest_magnitude_bits(const Lanes (&values)[k_block_registers]) {
  uint32x4_t largest = vdupq_n_u32(0);
  for (const Lanes& four : values) largest = vmaxq_u32(largest, as_integers(magnitude(four)).values);
  return vmaxvq_u32(largest);
}

/// Writes the 32 codes of values * inverse and returns their sum.
inline std::int32_t store_codes(const Lanes (&values)[k_block_registers], float inverse, std::int8_t* codes) {
  const Lanes factor = every_lane(inverse);
  int32x4_t sum = vdupq_n_s32(0);
  for (std::size_t i = 0; i < k_block_registers; i += 2) {
    const int32x4_t low = vcvtnq_s32_f32(values[i] * factor);
    const int32x4_t high = vcvtnq_s32_f32(values[i + 1] * factor);
    sum = vaddq_s32(sum, vaddq_s32(low, high));
    vst1_s8(codes + 4 * i, vmovn_s16(vcombine_s16(vmovn_s32(low), vmovn_s32(high))));
  }
  return vaddvq_s32(sum);
}

inline void quantize_block(const Lanes (&values)[k_block_registers], const QuantizedRows& rows, std::size_t at) {
  const std::uint32_t absmax_bits = largest_magnitude_bits(values);
  std::int8_t* codes = rows.codes + at * quant::k_block;
  if (absmax_bits < k_quantize_least_bits || absmax_bits >= k_infinity_bits) {
    std::memset(codes, 0, quant::k_block);
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
    Lanes values[k_block_registers];
    std::size_t at = block * quant::k_block;
    for (Lanes& four : values) {
      const std::size_t left = at < size ? size - at : 0;
      four = left == 0 ? every_lane(0.0F) : load_first(input + at, left < k_lanes ? left : k_lanes);
      at += k_lanes;
    }
    quantize_block(values, rows, first_block + block);
  }
}

inline void quantize_rows(const float* input, std::size_t stride, std::size_t size, std::size_t row_count,
                          const QuantizedRows& rows) noexcept {
  const std::size_t blocks = rows.inner / quant::k_block;
  for (std::size_t row = 0; row < row_count; ++row) quantize_row(input + row * stride, size, rows, row * blocks);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon
