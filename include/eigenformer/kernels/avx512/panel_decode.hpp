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

/// One block of 32 k to [32][16] floats.
template <quant::PanelKind kind>
inline void decode_block(const std::byte* bytes, float* weights) {
  constexpr bool has_minimum = kind == quant::PanelKind::q4_minimum;
  const __m512 scale = load_halves(bytes);
  const __m512 minimum = has_minimum ? load_halves(bytes + 32) : _mm512_setzero_ps();
  const std::byte* codes = bytes + (has_minimum ? 64 : 32);
  for (int k = 0; k < 32; ++k) {
    const __m128i left = _mm_cvtsi32_si128(24 - 8 * (k % 4));
    __m512i code;  // to the highest byte, and back with its sign
    if constexpr (kind == quant::PanelKind::q8) {
      code = _mm512_srai_epi32(_mm512_sll_epi32(load_bytes(codes + 64 * (k / 4)), left), 24);
    } else {
      code = _mm512_srli_epi32(_mm512_sll_epi32(load_nibbles(codes + 32 * (k / 4)), left), 24);
    }
    if constexpr (kind == quant::PanelKind::q4_centered) code = _mm512_sub_epi32(code, _mm512_set1_epi32(8));
    __m512 value = _mm512_mul_ps(scale, _mm512_cvtepi32_ps(code));
    if constexpr (has_minimum) value = _mm512_add_ps(value, minimum);
    _mm512_storeu_ps(weights + 16 * k, value);
  }
}

/// k = first .. first + count - 1 of a panel to [count][16] floats; for block kinds both are multiples of 32.
template <quant::PanelKind kind>
inline void decode_panel(const std::byte* panel, std::size_t first, std::size_t count, float* weights) {
  if constexpr (quant::is_block_kind(kind)) {
    for (std::size_t k = 0; k < count; k += quant::k_block) {
      const std::size_t block = (first + k) / quant::k_block;
      decode_block<kind>(panel + block * quant::panel_block_bytes(kind), weights + 16 * k);
    }
  } else {
    for (std::size_t k = 0; k < count; ++k) _mm512_storeu_ps(weights + 16 * k, load_weights<kind>(panel, first + k));
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512
EIGENFORMER_TARGET_END
