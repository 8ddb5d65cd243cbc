// Integer dots of block kinds without dot product instructions (rule 2), for kernels/lanes/block_product.hpp.
//
// A widening multiply-add adds eight products of bytes to eight int16. For 4-bit codes the eight products that a lane
// gets in a block of 32 fit there (8 * 15 * 127 = 15240), so that a block is widened once. For 8-bit codes two fit
// (2 * 128 * 127 = 32512).
#pragma once

#include "eigenformer/kernels/block_product.hpp"
#include "eigenformer/kernels/neon/panel_decode.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon {

inline constexpr int k_product_rows = 2;

/// Integer dots of one block: sixteen outputs for each row.
template <int rows>
struct BlockDots {
  IntegerLanes parts[rows][k_parts];
};

/// Four codes, k = 4 g .. 4 g + 3, in every 32-bit lane.
[[gnu::always_inline]] inline int8x16_t broadcast_codes(const std::int8_t* codes) {
  std::int32_t four;
  std::memcpy(&four, codes, 4);
  return vreinterpretq_s8_s32(vdupq_n_s32(four));
}

/// Sum of the activations of a block of sixteen, whose sums nobody has kept.
[[gnu::always_inline]] inline std::int32_t sum_of_sixteen(const std::int8_t* codes) {
  return vaddlvq_s8(vld1q_s8(codes));
}

/// Integer sums may be reordered, and g++ does so, and runs out of registers. This keeps each sum where it is, and
/// when.
[[gnu::always_inline]] inline void keep_in_registers([[maybe_unused]] int32x4_t& low,
                                                     [[maybe_unused]] int32x4_t& high) {
#if defined(__GNUC__)
  asm volatile("" : "+w"(low), "+w"(high));
#endif
}

/// Sums of neighbours: four outputs from the pairs of k of the first two and of the last two.
[[gnu::always_inline]] inline IntegerLanes sums_of_pairs(int32x4_t first, int32x4_t last) {
  return {vreinterpretq_u32_s32(vpaddq_s32(first, last))};
}

template <quant::PanelKind kind, int rows>
[[gnu::always_inline]] inline BlockDots<rows> dots_of_nibbles(const std::byte* weights, const std::int8_t* codes,
                                                              std::size_t inner) {
  int16x8_t low[rows][k_parts];
  int16x8_t high[rows][k_parts];
#pragma GCC unroll 2
  for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 4
    for (std::size_t part = 0; part < k_parts; ++part) low[row][part] = high[row][part] = vdupq_n_s16(0);
  }
  constexpr std::size_t groups = quant::block_values(kind) / 4;
#pragma GCC unroll 1
  for (std::size_t group = 0; group < groups; ++group) {
#pragma GCC unroll 4
    for (std::size_t part = 0; part < k_parts; ++part) {
      const int8x16_t four = vreinterpretq_s8_u8(load_panel_codes<kind>(weights, group, part));
#pragma GCC unroll 2
      for (int row = 0; row < rows; ++row) {
        const int8x16_t x = broadcast_codes(codes + static_cast<std::size_t>(row) * inner + 4 * group);
        low[row][part] = vmlal_s8(low[row][part], vget_low_s8(four), vget_low_s8(x));
        high[row][part] = vmlal_high_s8(high[row][part], four, x);
      }
    }
  }
  BlockDots<rows> dots;
#pragma GCC unroll 2
  for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 4
    for (std::size_t part = 0; part < k_parts; ++part) {
      dots.parts[row][part] = sums_of_pairs(vpaddlq_s16(low[row][part]), vpaddlq_s16(high[row][part]));
    }
  }
  return dots;
}

template <quant::PanelKind kind, int rows>
[[gnu::always_inline]] inline BlockDots<rows> dots_of_bytes(const std::byte* weights, const std::int8_t* codes,
                                                            std::size_t inner) {
  int32x4_t low[rows][k_parts];
  int32x4_t high[rows][k_parts];
#pragma GCC unroll 2
  for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 4
    for (std::size_t part = 0; part < k_parts; ++part) low[row][part] = high[row][part] = vdupq_n_s32(0);
  }
  constexpr std::size_t groups = quant::block_values(kind) / 4;
#pragma GCC unroll 1
  for (std::size_t group = 0; group < groups; group += 2) {
#pragma GCC unroll 4
    for (std::size_t part = 0; part < k_parts; ++part) {
      const int8x16_t even = vreinterpretq_s8_u8(load_panel_codes<kind>(weights, group, part));
      const int8x16_t odd = vreinterpretq_s8_u8(load_panel_codes<kind>(weights, group + 1, part));
#pragma GCC unroll 2
      for (int row = 0; row < rows; ++row) {
        const std::int8_t* row_codes = codes + static_cast<std::size_t>(row) * inner + 4 * group;
        const int8x16_t x = broadcast_codes(row_codes);
        const int8x16_t y = broadcast_codes(row_codes + 4);
        const int16x8_t first = vmlal_s8(vmull_s8(vget_low_s8(even), vget_low_s8(x)), vget_low_s8(odd), vget_low_s8(y));
        low[row][part] = vpadalq_s16(low[row][part], first);
        high[row][part] = vpadalq_s16(high[row][part], vmlal_high_s8(vmull_high_s8(even, x), odd, y));
        keep_in_registers(low[row][part], high[row][part]);
      }
    }
  }
  BlockDots<rows> dots;
#pragma GCC unroll 2
  for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 4
    for (std::size_t part = 0; part < k_parts; ++part) {
      dots.parts[row][part] = sums_of_pairs(low[row][part], high[row][part]);
    }
  }
  return dots;
}

template <quant::PanelKind kind, int rows>
[[gnu::always_inline]] inline BlockDots<rows> dots_of_block(const std::byte* weights, const std::int8_t* codes,
                                                            std::size_t inner) {
  if constexpr (quant::has_byte_codes(kind)) return dots_of_bytes<kind, rows>(weights, codes, inner);
  if constexpr (!quant::has_byte_codes(kind)) return dots_of_nibbles<kind, rows>(weights, codes, inner);
}

#include "eigenformer/kernels/lanes/block_product.hpp"

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon
