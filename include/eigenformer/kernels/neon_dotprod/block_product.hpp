// Integer dots of block kinds with the dot product instructions of ARMv8.2 (rule 2), for
// kernels/lanes/block_product.hpp.
//
// sdot adds the products of four signed bytes of a lane to its 32 bits, exactly.
#pragma once

#include "eigenformer/kernels/neon/block_product.hpp"
#include "eigenformer/kernels/target.hpp"

#if !defined(__ARM_FEATURE_DOTPROD)  // a region would take away what a newer processor has beyond
EIGENFORMER_TARGET_BEGIN("arch=armv8.2-a+dotprod")
#endif
namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon_dotprod {

using neon::BlockDots;
using neon::every_integer;
using neon::every_lane;
using neon::IntegerLanes;
using neon::k_lanes;
using neon::k_parts;
using neon::Lanes;
using neon::load_minimums;
using neon::load_scales;
using neon::sum_of_sixteen;

inline constexpr int k_product_rows = 4;

template <quant::PanelKind kind, int rows>
[[gnu::always_inline]] inline BlockDots<rows> dots_of_block(const std::byte* weights, const std::int8_t* codes,
                                                            std::size_t inner) {
  int32x4_t sums[rows][k_parts];
#pragma GCC unroll 4
  for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 4
    for (std::size_t part = 0; part < k_parts; ++part) sums[row][part] = vdupq_n_s32(0);
  }
  constexpr std::size_t groups = quant::block_values(kind) / 4;
#pragma GCC unroll 1
  for (std::size_t group = 0; group < groups; ++group) {
    int8x16_t four[k_parts];
#pragma GCC unroll 4
    for (std::size_t part = 0; part < k_parts; ++part) {
      four[part] = vreinterpretq_s8_u8(neon::load_panel_codes<kind>(weights, group, part));
    }
#pragma GCC unroll 4
    for (int row = 0; row < rows; ++row) {
      const int8x16_t x = neon::broadcast_codes(codes + static_cast<std::size_t>(row) * inner + 4 * group);
#pragma GCC unroll 4
      for (std::size_t part = 0; part < k_parts; ++part) sums[row][part] = vdotq_s32(sums[row][part], four[part], x);
    }
  }
  BlockDots<rows> dots;
#pragma GCC unroll 4
  for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 4
    for (std::size_t part = 0; part < k_parts; ++part) {
      dots.parts[row][part] = {vreinterpretq_u32_s32(sums[row][part])};
    }
  }
  return dots;
}

#include "eigenformer/kernels/lanes/block_product.hpp"

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon_dotprod
#if !defined(__ARM_FEATURE_DOTPROD)
EIGENFORMER_TARGET_END
#endif
