// Weights of any panel kind as f32: exact decoding, rounded after each operation (quant/panel.hpp).
#pragma once

#include "eigenformer/kernels/avx512/lanes.hpp"

EIGENFORMER_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512 {

/// The sixteen outputs at one k, of plain kinds.
template <quant::PanelKind kind>
[[gnu::always_inline]] inline __m512 load_weights(const std::byte* panel, std::size_t k) {
  if constexpr (kind == quant::PanelKind::f32) return load_floats(panel + 64 * k);
  if constexpr (kind == quant::PanelKind::f16) return load_halves(panel + 32 * k);
  return load_bfloats(panel + 32 * k);
}

/// 32 bytes of nibble pairs as 64 nibbles in bytes: outputs 0 .. 7 are the low ones, 8 .. 15 the high ones.
[[gnu::always_inline]] inline __m512i load_nibbles(const std::byte* pairs) {
  constexpr __mmask16 high_outputs = 0xFF00;
  const __m512i twice = _mm512_broadcast_i32x8(load_half_bytes(pairs));
  return _mm512_and_si512(_mm512_mask_srli_epi32(twice, high_outputs, twice, 4), _mm512_set1_epi8(15));
}

/// Sixteen scales or minimums of a superblock, times their factors where it has several blocks.
template <quant::PanelKind kind>
[[gnu::always_inline]] inline __m512 load_scaled(const std::byte* numbers, const std::byte* factors) {
  const __m512 sixteen = quant::has_float_scales(kind) ? load_floats(numbers) : load_halves(numbers);
  if constexpr (quant::superblock_blocks(kind) == 1) return sixteen;
  return _mm512_mul_ps(sixteen, load_codes(factors));
}

/// The scales of a panel's block.
template <quant::PanelKind kind>
[[gnu::always_inline]] inline __m512 load_scales(const std::byte* panel, std::size_t block) {
  const std::byte* superblock = panel + quant::superblock_at(kind, block);
  const std::size_t factors = quant::factors_offset(kind) + 16 * (block % quant::superblock_blocks(kind));
  return load_scaled<kind>(superblock, superblock + factors);
}

/// The minimums of a panel's block, of kinds that have them.
template <quant::PanelKind kind>
[[gnu::always_inline]] inline __m512 load_minimums(const std::byte* panel, std::size_t block) {
  const std::byte* superblock = panel + quant::superblock_at(kind, block);
  const std::size_t factors = quant::minimum_factors_offset(kind) + 16 * (block % quant::superblock_blocks(kind));
  return load_scaled<kind>(superblock + quant::minimums_offset(kind), superblock + factors);
}

/// One block to [block_values(kind)][16] floats.
template <quant::PanelKind kind>
inline void decode_block(const std::byte* panel, std::size_t block, float* weights) {
  const __m512 scale = load_scales<kind>(panel, block);
  const __m512 minimum = quant::has_minimum(kind) ? load_minimums<kind>(panel, block) : _mm512_setzero_ps();
  const std::byte* codes = panel + quant::codes_at(kind, block);
  for (int k = 0; k < static_cast<int>(quant::block_values(kind)); ++k) {
    const __m128i left = _mm_cvtsi32_si128(24 - 8 * (k % 4));
    __m512i code;  // to the highest byte, and back with its sign
    if constexpr (quant::has_byte_codes(kind)) {
      code = _mm512_srai_epi32(_mm512_sll_epi32(load_bytes(codes + 64 * (k / 4)), left), 24);
    } else {
      code = _mm512_srli_epi32(_mm512_sll_epi32(load_nibbles(codes + 32 * (k / 4)), left), 24);
    }
    if constexpr (kind == quant::PanelKind::q4_centered) code = _mm512_sub_epi32(code, _mm512_set1_epi32(8));
    __m512 value = _mm512_mul_ps(scale, _mm512_cvtepi32_ps(code));
    if constexpr (quant::has_minimum(kind)) value = _mm512_add_ps(value, minimum);
    _mm512_storeu_ps(weights + 16 * k, value);
  }
}

/// k = first .. first + count - 1 of a panel to [count][16] floats; for block kinds both are multiples of 32.
template <quant::PanelKind kind>
inline void decode_panel(const std::byte* panel, std::size_t first, std::size_t count, float* weights) {
  if constexpr (quant::is_block_kind(kind)) {
    constexpr std::size_t values = quant::block_values(kind);
    for (std::size_t k = 0; k < count; k += values) decode_block<kind>(panel, (first + k) / values, weights + 16 * k);
  } else {
    for (std::size_t k = 0; k < count; ++k) _mm512_storeu_ps(weights + 16 * k, load_weights<kind>(panel, first + k));
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512
EIGENFORMER_TARGET_END
