// Matrix product of block kinds with quantized activations (rule 2), two panels of 16 outputs by up to six rows.
//
// vpdpbusd multiplies four unsigned bytes of a lane by four signed ones and adds the products to 32 bits, exactly. The
// weights are the unsigned ones (unsigned_codes.hpp).
#pragma once

#include "eigenformer/kernels/avx512/panel_decode.hpp"
#include "eigenformer/kernels/avx512/unsigned_codes.hpp"
#include "eigenformer/kernels/block_product.hpp"

EIGENFORMER_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512 {

/// Rows of quantized activations, from one of them on.
struct ActivationTile {
  const std::int8_t* codes;
  const float* scales;
  const float* scaled_sums;
  const std::int32_t* sums;
  std::size_t inner;   ///< codes of a row
  std::size_t blocks;  ///< blocks of a row
};

/// Where a tile's sums go.
struct OutputTile {
  float* values;
  std::size_t stride;
};

/// g++ would sum in another order, which integers allow, and run out of registers. This keeps each sum where it is.
[[gnu::always_inline]] inline void keep_in_register([[maybe_unused]] __m512i& sum) {
#if defined(__GNUC__)
  asm("" : "+v"(sum));
#endif
}

/// Four codes, k = 4 g .. 4 g + 3, in every 32-bit lane.
[[gnu::always_inline]] inline __m512i broadcast_codes(const std::int8_t* codes) {
  std::int32_t four;
  std::memcpy(&four, codes, 4);
  return _mm512_set1_epi32(four);
}

/// Codes of sixteen outputs at four k as unsigned bytes; 8-bit ones with 128 added.
template <quant::PanelKind kind>
[[gnu::always_inline]] inline __m512i load_unsigned_codes(const std::byte* codes, std::size_t group) {
  if constexpr (quant::has_byte_codes(kind)) {
    return _mm512_xor_si512(load_bytes(codes + 64 * group), _mm512_set1_epi8(static_cast<char>(k_to_unsigned)));
  }
  return load_nibbles(codes + 32 * group);
}

/// Sum of the activations of a block of sixteen, whose sums nobody has kept.
[[gnu::always_inline]] inline std::int32_t sum_of_sixteen(const std::int8_t* codes) {
  const __m128i four =
      _mm_dpbusd_epi32(_mm_setzero_si128(), _mm_set1_epi8(1), _mm_loadu_si128(reinterpret_cast<const __m128i*>(codes)));
  const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
  return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
}

/// A block of one row of activations, as it is added to the sums.
struct ActivationBlock {
  float scale;
  float scaled_sum;  ///< for kinds with a minimum
  std::int32_t sum;  ///< for kinds whose codes have an offset
};

template <quant::PanelKind kind>
[[gnu::always_inline]] inline ActivationBlock activation_block(const ActivationTile& input, std::size_t row,
                                                               std::size_t block) {
  if constexpr (quant::block_values(kind) == quant::k_block) {
    const std::size_t at = row * input.blocks + block;
    return {input.scales[at], input.scaled_sums[at], input.sums[at]};
  }
  const float scale = input.scales[row * input.blocks + block / 2];
  const std::int32_t sum = sum_of_sixteen(input.codes + row * input.inner + 16 * block);
  return {scale, scale * static_cast<float>(sum), sum};
}

/// Dots of one block: `rows` rows by `panels` panels that lie `panel_bytes` apart.
template <quant::PanelKind kind, int rows, int panels>
[[gnu::always_inline]] inline void dots_of_block(const std::byte* weights, std::size_t panel_bytes,
                                                 const std::int8_t* activations, std::size_t inner,
                                                 __m512i (&dots)[rows][panels]) {
#pragma GCC unroll 6
  for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 2
    for (int panel = 0; panel < panels; ++panel) dots[row][panel] = _mm512_setzero_si512();
  }
  constexpr std::size_t groups = quant::block_values(kind) / 4;
#pragma GCC unroll 1
  for (std::size_t group = 0; group < groups; ++group) {
    __m512i codes[panels];
#pragma GCC unroll 2
    for (int panel = 0; panel < panels; ++panel) {
      codes[panel] = load_unsigned_codes<kind>(weights + static_cast<std::size_t>(panel) * panel_bytes, group);
    }
#pragma GCC unroll 6
    for (int row = 0; row < rows; ++row) {
      const __m512i x = broadcast_codes(activations + static_cast<std::size_t>(row) * inner + 4 * group);
#pragma GCC unroll 2
      for (int panel = 0; panel < panels; ++panel) {
        dots[row][panel] = _mm512_dpbusd_epi32(dots[row][panel], codes[panel], x);
        keep_in_register(dots[row][panel]);
      }
    }
  }
}

/// Dots of one block, one row by one panel: in halves of registers, which are two chains where latency counts, and
/// whose loads cross no cache line.
template <quant::PanelKind kind>
[[gnu::always_inline]] inline __m512i dots_of_one_row(const std::byte* weights, const std::int8_t* activations) {
  __m256i low = _mm256_setzero_si256();
  __m256i high = _mm256_setzero_si256();
  constexpr std::size_t groups = quant::block_values(kind) / 4;
#pragma GCC unroll 8
  for (std::size_t group = 0; group < groups; ++group) {
    const __m256i x = _mm512_castsi512_si256(broadcast_codes(activations + 4 * group));
    if constexpr (quant::has_byte_codes(kind)) {
      const __m256i sign = _mm256_set1_epi8(static_cast<char>(k_to_unsigned));
      low = _mm256_dpbusd_epi32(low, _mm256_xor_si256(load_half_bytes(weights + 64 * group), sign), x);
      high = _mm256_dpbusd_epi32(high, _mm256_xor_si256(load_half_bytes(weights + 64 * group + 32), sign), x);
    } else {
      const __m256i nibble = _mm256_set1_epi8(15);
      const __m256i pairs = load_half_bytes(weights + 32 * group);
      low = _mm256_dpbusd_epi32(low, _mm256_and_si256(pairs, nibble), x);
      high = _mm256_dpbusd_epi32(high, _mm256_and_si256(_mm256_srli_epi16(pairs, 4), nibble), x);
    }
  }
  return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

/// acc = fma(float(dot), scale_w scale_x, acc), then acc = fma(minimum, scaled_sum, acc), for one block of one panel.
template <quant::PanelKind kind>
[[gnu::always_inline]] inline __m512 add_block(__m512 acc, __m512i dot, const std::byte* panel, std::size_t block,
                                               const ActivationBlock& input) {
  if constexpr (has_offset(kind)) {
    dot = _mm512_sub_epi32(dot, _mm512_slli_epi32(_mm512_set1_epi32(input.sum), offset_bits(kind)));
  }
  const __m512 both_scales = _mm512_mul_ps(load_scales<kind>(panel, block), _mm512_set1_ps(input.scale));
  acc = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot), both_scales, acc);
  if constexpr (quant::has_minimum(kind)) {
    acc = _mm512_fmadd_ps(load_minimums<kind>(panel, block), _mm512_set1_ps(input.scaled_sum), acc);
  }
  return acc;
}

/// `rows` rows by `panels` panels.
template <quant::PanelKind kind, int rows, int panels>
inline void product_tile(const std::byte* first_panel, const ActivationTile& input, const OutputTile& output) {
  constexpr std::size_t values = quant::block_values(kind);
  const std::size_t panel_bytes = quant::panel_bytes(kind, input.inner);
  __m512 sums[rows][panels];
#pragma GCC unroll 6
  for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 2
    for (int panel = 0; panel < panels; ++panel) sums[row][panel] = _mm512_setzero_ps();
  }
  for (std::size_t block = 0; block < input.inner / values; ++block) {
    const std::byte* codes = first_panel + quant::codes_at(kind, block);
    const std::int8_t* activations = input.codes + block * values;
    __m512i dots[rows][panels];
    if constexpr (rows * panels == 1) {
      dots[0][0] = dots_of_one_row<kind>(codes, activations);
    } else {
      dots_of_block<kind>(codes, panel_bytes, activations, input.inner, dots);
    }
#pragma GCC unroll 6
    for (int row = 0; row < rows; ++row) {
      const ActivationBlock at = activation_block<kind>(input, static_cast<std::size_t>(row), block);
#pragma GCC unroll 2
      for (int panel = 0; panel < panels; ++panel) {
        const std::byte* bytes = first_panel + static_cast<std::size_t>(panel) * panel_bytes;
        sums[row][panel] = add_block<kind>(sums[row][panel], dots[row][panel], bytes, block, at);
      }
    }
  }
#pragma GCC unroll 6
  for (int row = 0; row < rows; ++row) {
#pragma GCC unroll 2
    for (int panel = 0; panel < panels; ++panel) {
      float* first = output.values + static_cast<std::size_t>(row) * output.stride + 16 * panel;
      _mm512_storeu_ps(first, sums[row][panel]);
    }
  }
}

/// `panels` panels from `panel` on for all rows, in tiles of about as many rows each, six at most.
template <quant::PanelKind kind, int panels>
inline void product_of_panels(const BlockProduct& product, std::size_t panel) {
  const std::size_t blocks = product.input.inner / quant::k_block;
  const std::byte* bytes = product.panels + panel * quant::panel_bytes(kind, product.input.inner);
  for (std::size_t row = 0; row < product.rows;) {
    const ActivationTile input = {product.input.codes + row * product.input.inner,
                                  product.input.scales + row * blocks,
                                  product.input.scaled_sums + row * blocks,
                                  product.input.sums + row * blocks,
                                  product.input.inner,
                                  blocks};
    const OutputTile output = {product.output + row * product.output_stride + panel * quant::k_panel_outputs,
                               product.output_stride};
    const std::size_t left = product.rows - row;
    const std::size_t tiles = (left + 5) / 6;
    const std::size_t rows = (left + tiles - 1) / tiles;
    switch (rows) {
      case 1: product_tile<kind, 1, panels>(bytes, input, output); break;
      case 2: product_tile<kind, 2, panels>(bytes, input, output); break;
      case 3: product_tile<kind, 3, panels>(bytes, input, output); break;
      case 4: product_tile<kind, 4, panels>(bytes, input, output); break;
      case 5: product_tile<kind, 5, panels>(bytes, input, output); break;
      default: product_tile<kind, 6, panels>(bytes, input, output); break;
    }
    row += rows;
  }
}

/// Two panels share the activations that were broadcast. A row alone reads them one after another.
template <quant::PanelKind kind>
inline void block_product_of(const BlockProduct& product) {
  std::size_t panel = 0;
  if (product.rows > 1) {
    for (; panel + 2 <= product.panel_count; panel += 2) product_of_panels<kind, 2>(product, panel);
  }
  for (; panel < product.panel_count; ++panel) product_of_panels<kind, 1>(product, panel);
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

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512
EIGENFORMER_TARGET_END
