// Matrix product of block kinds with quantized activations (rule 2), a panel of 16 outputs by up to four rows.
//
// maddubs multiplies unsigned by signed bytes and adds pairs in int16. For 4-bit codes eight of its results fit there
// (8 * 2 * 15 * 127 = 30480), so that a block of 32 is widened once. For 8-bit codes one fits (2 * 128 * 127 = 32512).
#pragma once

#include "eigenformer/kernels/avx2/panel_decode.hpp"
#include "eigenformer/kernels/block_product.hpp"

EIGENFORMER_TARGET_BEGIN("avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2 {

/// Up to four rows of quantized activations, from one of them on.
struct ActivationTile {
  const std::int8_t* codes;
  const float* scales;
  const float* scaled_sums;
  const std::int32_t* sums;
  std::size_t inner;   ///< codes of a row
  std::size_t blocks;  ///< blocks of a row
};

/// Integer sums may be reordered, and g++ does so: it computes all products of a block first and then has no registers
/// for them (half the speed). This keeps each sum where it is.
[[gnu::always_inline]] inline void keep_in_registers([[maybe_unused]] __m256i& low, [[maybe_unused]] __m256i& high) {
#if defined(__GNUC__)
  asm("" : "+x"(low), "+x"(high));
#endif
}

/// Four codes, k = 4 g .. 4 g + 3, in every 32-bit lane.
inline __m256i broadcast_codes(const std::int8_t* codes) {
  std::int32_t four;
  std::memcpy(&four, codes, 4);
  return _mm256_set1_epi32(four);
}

/// Integer dots of one block: outputs 0 .. 7 and 8 .. 15 of each row.
template <int rows>
struct BlockDots {
  __m256i low[rows], high[rows];
};

template <int rows, int groups>
[[gnu::always_inline]] inline BlockDots<rows> dots_of_nibbles(const std::byte* weights, const std::int8_t* codes,
                                                              std::size_t inner) {
  BlockDots<rows> dots;
  const __m256i nibble = _mm256_set1_epi8(15);
  __m256i low[rows];
  __m256i high[rows];
#pragma GCC unroll 4
  for (int row = 0; row < rows; ++row) low[row] = high[row] = _mm256_setzero_si256();
#pragma GCC unroll 1
  for (int group = 0; group < groups; ++group) {
    const __m256i pairs = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights + 32 * group));
    const __m256i low_codes = _mm256_and_si256(pairs, nibble);
    const __m256i high_codes = _mm256_and_si256(_mm256_srli_epi16(pairs, 4), nibble);
#pragma GCC unroll 4
    for (int row = 0; row < rows; ++row) {
      const __m256i x = broadcast_codes(codes + static_cast<std::size_t>(row) * inner + 4 * group);
      low[row] = _mm256_add_epi16(low[row], _mm256_maddubs_epi16(low_codes, x));
      high[row] = _mm256_add_epi16(high[row], _mm256_maddubs_epi16(high_codes, x));
      keep_in_registers(low[row], high[row]);
    }
  }
  const __m256i ones = _mm256_set1_epi16(1);
#pragma GCC unroll 4
  for (int row = 0; row < rows; ++row) {
    dots.low[row] = _mm256_madd_epi16(low[row], ones);
    dots.high[row] = _mm256_madd_epi16(high[row], ones);
  }
  return dots;
}

/// The sign of the weight goes to the activation, which has no -128.
inline __m256i signed_products(__m256i weights, __m256i magnitudes, __m256i x) {
  return _mm256_madd_epi16(_mm256_maddubs_epi16(magnitudes, _mm256_sign_epi8(x, weights)), _mm256_set1_epi16(1));
}

template <int rows, int groups>
[[gnu::always_inline]] inline BlockDots<rows> dots_of_bytes(const std::byte* weights, const std::int8_t* codes,
                                                            std::size_t inner) {
  BlockDots<rows> dots;
#pragma GCC unroll 4
  for (int row = 0; row < rows; ++row) dots.low[row] = dots.high[row] = _mm256_setzero_si256();
#pragma GCC unroll 1
  for (int group = 0; group < groups; ++group) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights + 64 * group));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights + 64 * group + 32));
    const __m256i low_magnitudes = _mm256_abs_epi8(low);
    const __m256i high_magnitudes = _mm256_abs_epi8(high);
#pragma GCC unroll 4
    for (int row = 0; row < rows; ++row) {
      const __m256i x = broadcast_codes(codes + static_cast<std::size_t>(row) * inner + 4 * group);
      dots.low[row] = _mm256_add_epi32(dots.low[row], signed_products(low, low_magnitudes, x));
      dots.high[row] = _mm256_add_epi32(dots.high[row], signed_products(high, high_magnitudes, x));
      keep_in_registers(dots.low[row], dots.high[row]);
    }
  }
  return dots;
}

/// Sum of the activations of a block of sixteen, whose sums nobody has kept.
inline std::int32_t sum_of_sixteen(const std::int8_t* codes) {
  const __m128i sixteen = _mm_loadu_si128(reinterpret_cast<const __m128i*>(codes));
  const __m128i eight = _mm_maddubs_epi16(_mm_set1_epi8(1), sixteen);
  const __m128i four = _mm_madd_epi16(eight, _mm_set1_epi16(1));
  const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
  return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
}

/// A block of one row of activations, as it is added to the sums.
struct ActivationBlock {
  float scale;
  float scaled_sum;  ///< for kinds with a minimum
};

template <quant::PanelKind kind>
[[gnu::always_inline]] inline ActivationBlock activation_block(const ActivationTile& input, std::size_t row,
                                                               std::size_t block) {
  if constexpr (quant::block_values(kind) == quant::k_block) {
    const std::size_t at = row * input.blocks + block;
    return {input.scales[at], input.scaled_sums[at]};
  }
  const float scale = input.scales[row * input.blocks + block / 2];
  if constexpr (!quant::has_minimum(kind)) return {scale, 0.0F};
  return {scale, scale * static_cast<float>(sum_of_sixteen(input.codes + row * input.inner + 16 * block))};
}

/// One panel, `rows` rows: acc = fma(float(dot), scale_w scale_x, acc), then acc = fma(minimum, scaled_sum, acc).
template <quant::PanelKind kind, int rows>
inline void product_tile(const std::byte* panel, const ActivationTile& input, float* output, std::size_t stride) {
  constexpr std::size_t values = quant::block_values(kind);
  __m256 low[rows];
  __m256 high[rows];
#pragma GCC unroll 4
  for (int row = 0; row < rows; ++row) low[row] = high[row] = _mm256_setzero_ps();
  for (std::size_t block = 0; block < input.inner / values; ++block) {
    const std::byte* weights = panel + quant::codes_at(kind, block);
    const std::int8_t* codes = input.codes + block * values;
    BlockDots<rows> dots;
    if constexpr (quant::has_byte_codes(kind)) {
      dots = dots_of_bytes<rows, values / 4>(weights, codes, input.inner);
    } else {
      dots = dots_of_nibbles<rows, values / 4>(weights, codes, input.inner);
    }
    const SixteenWeights scales = load_scales<kind>(panel, block);
#pragma GCC unroll 4
    for (int row = 0; row < rows; ++row) {
      const ActivationBlock at = activation_block<kind>(input, static_cast<std::size_t>(row), block);
      __m256i low_dot = dots.low[row];
      __m256i high_dot = dots.high[row];
      if constexpr (kind == quant::PanelKind::q4_centered) {
        const __m256i offset = _mm256_set1_epi32(8 * input.sums[static_cast<std::size_t>(row) * input.blocks + block]);
        low_dot = _mm256_sub_epi32(low_dot, offset);
        high_dot = _mm256_sub_epi32(high_dot, offset);
      }
      const __m256 scale = _mm256_set1_ps(at.scale);
      low[row] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(low_dot), _mm256_mul_ps(scales.low, scale), low[row]);
      high[row] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(high_dot), _mm256_mul_ps(scales.high, scale), high[row]);
      if constexpr (quant::has_minimum(kind)) {
        const SixteenWeights minimums = load_minimums<kind>(panel, block);
        const __m256 sum = _mm256_set1_ps(at.scaled_sum);
        low[row] = _mm256_fmadd_ps(minimums.low, sum, low[row]);
        high[row] = _mm256_fmadd_ps(minimums.high, sum, high[row]);
      }
    }
  }
#pragma GCC unroll 4
  for (int row = 0; row < rows; ++row) {
    _mm256_storeu_ps(output + static_cast<std::size_t>(row) * stride, low[row]);
    _mm256_storeu_ps(output + static_cast<std::size_t>(row) * stride + 8, high[row]);
  }
}

template <quant::PanelKind kind>
inline void block_product_of(const BlockProduct& product) {
  const std::size_t blocks = product.input.inner / quant::k_block;
  for (std::size_t panel = 0; panel < product.panel_count; ++panel) {
    const std::byte* bytes = product.panels + panel * quant::panel_bytes(kind, product.input.inner);
    for (std::size_t row = 0; row < product.rows; row += 4) {
      const ActivationTile tile = {product.input.codes + row * product.input.inner,
                                   product.input.scales + row * blocks,
                                   product.input.scaled_sums + row * blocks,
                                   product.input.sums + row * blocks,
                                   product.input.inner,
                                   blocks};
      float* output = product.output + row * product.output_stride + panel * quant::k_panel_outputs;
      switch (product.rows - row) {
        case 1: product_tile<kind, 1>(bytes, tile, output, product.output_stride); break;
        case 2: product_tile<kind, 2>(bytes, tile, output, product.output_stride); break;
        case 3: product_tile<kind, 3>(bytes, tile, output, product.output_stride); break;
        default: product_tile<kind, 4>(bytes, tile, output, product.output_stride); break;
      }
    }
  }
}

inline void block_product(const BlockProduct& product) noexcept {
  switch (product.kind) {
    case quant::PanelKind::q4_minimum: return block_product_of<quant::PanelKind::q4_minimum>(product);
    case quant::PanelKind::q4_centered: return block_product_of<quant::PanelKind::q4_centered>(product);
    case quant::PanelKind::q8: return block_product_of<quant::PanelKind::q8>(product);
    case quant::PanelKind::q8_minimum: return block_product_of<quant::PanelKind::q8_minimum>(product);
    case quant::PanelKind::q4_k: return block_product_of<quant::PanelKind::q4_k>(product);
    case quant::PanelKind::q6_k: return block_product_of<quant::PanelKind::q6_k>(product);
    case quant::PanelKind::q2_k: return block_product_of<quant::PanelKind::q2_k>(product);
    default: return;
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2
EIGENFORMER_TARGET_END
