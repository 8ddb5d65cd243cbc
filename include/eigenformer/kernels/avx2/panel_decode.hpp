// Weights of any panel kind as f32: exact decoding, rounded after each operation (quant/panel.hpp).
#pragma once

#include "eigenformer/kernels/avx2/lanes.hpp"

EIGENFORMER_TARGET_BEGIN("avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2 {

/// Outputs 0 .. 7 and 8 .. 15 at one k.
struct SixteenWeights {
  __m256 low, high;
};

template <quant::PanelKind kind>
[[gnu::always_inline]] inline SixteenWeights load_weights(const std::byte* panel, std::size_t k) {
  if constexpr (kind == quant::PanelKind::f32) return {load_floats(panel + 64 * k), load_floats(panel + 64 * k + 32)};
  if constexpr (kind == quant::PanelKind::f16) return {load_halves(panel + 32 * k), load_halves(panel + 32 * k + 16)};
  return {load_bfloats(panel + 32 * k), load_bfloats(panel + 32 * k + 16)};
}

/// The values of codes in one register of integers.
template <quant::PanelKind kind>
[[gnu::always_inline]] inline __m256 code_values(__m256i codes, __m256 scale, __m256 minimum) {
  if constexpr (kind == quant::PanelKind::q4_centered) codes = _mm256_sub_epi32(codes, _mm256_set1_epi32(8));
  const __m256 scaled = _mm256_mul_ps(scale, _mm256_cvtepi32_ps(codes));
  if constexpr (kind == quant::PanelKind::q4_minimum) return _mm256_add_ps(scaled, minimum);
  return scaled;
}

/// One block of 32 k to [32][16] floats.
template <quant::PanelKind kind>
inline void decode_block(const std::byte* bytes, float* weights) {
  constexpr bool has_minimum = kind == quant::PanelKind::q4_minimum;
  const __m256 low_scale = load_halves(bytes);
  const __m256 high_scale = load_halves(bytes + 16);
  const __m256 low_minimum = has_minimum ? load_halves(bytes + 32) : _mm256_setzero_ps();
  const __m256 high_minimum = has_minimum ? load_halves(bytes + 48) : _mm256_setzero_ps();
  const std::byte* codes = bytes + (has_minimum ? 64 : 32);
  for (int k = 0; k < 32; ++k) {
    const int group = k / 4;
    const __m128i place = _mm_cvtsi32_si128(8 * (k % 4));
    __m256i low;
    __m256i high;
    if constexpr (kind == quant::PanelKind::q8) {
      const __m128i left = _mm_cvtsi32_si128(24 - 8 * (k % 4));
      low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes + 64 * group));
      high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes + 64 * group + 32));
      low = _mm256_srai_epi32(_mm256_sll_epi32(low, left), 24);
      high = _mm256_srai_epi32(_mm256_sll_epi32(high, left), 24);
    } else {
      const __m256i nibble = _mm256_set1_epi32(15);
      const __m256i pairs =
          _mm256_srl_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes + 32 * group)), place);
      low = _mm256_and_si256(pairs, nibble);
      high = _mm256_and_si256(_mm256_srli_epi32(pairs, 4), nibble);
    }
    _mm256_storeu_ps(weights + 16 * k, code_values<kind>(low, low_scale, low_minimum));
    _mm256_storeu_ps(weights + 16 * k + 8, code_values<kind>(high, high_scale, high_minimum));
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
    for (std::size_t k = 0; k < count; ++k) {
      const SixteenWeights sixteen = load_weights<kind>(panel, first + k);
      _mm256_storeu_ps(weights + 16 * k, sixteen.low);
      _mm256_storeu_ps(weights + 16 * k + 8, sixteen.high);
    }
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2
EIGENFORMER_TARGET_END
