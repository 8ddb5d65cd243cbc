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
  if constexpr (quant::has_minimum(kind)) return _mm256_add_ps(scaled, minimum);
  return scaled;
}

/// Outputs 0 .. 7 and 8 .. 15 of the scales or minimums of a superblock, times their factors where it has several
/// blocks.
template <quant::PanelKind kind>
[[gnu::always_inline]] inline SixteenWeights load_scaled(const std::byte* numbers, const std::byte* factors) {
  SixteenWeights sixteen;
  if constexpr (quant::has_float_scales(kind)) {
    sixteen = {load_floats(numbers), load_floats(numbers + 32)};
  } else {
    sixteen = {load_halves(numbers), load_halves(numbers + 16)};
  }
  if constexpr (quant::superblock_blocks(kind) == 1) return sixteen;
  return {_mm256_mul_ps(sixteen.low, load_codes(factors)), _mm256_mul_ps(sixteen.high, load_codes(factors + 8))};
}

/// The scales of a panel's block.
template <quant::PanelKind kind>
[[gnu::always_inline]] inline SixteenWeights load_scales(const std::byte* panel, std::size_t block) {
  const std::byte* superblock = panel + quant::superblock_at(kind, block);
  const std::size_t factors = quant::factors_offset(kind) + 16 * (block % quant::superblock_blocks(kind));
  return load_scaled<kind>(superblock, superblock + factors);
}

/// The minimums of a panel's block, of kinds that have them.
template <quant::PanelKind kind>
[[gnu::always_inline]] inline SixteenWeights load_minimums(const std::byte* panel, std::size_t block) {
  const std::byte* superblock = panel + quant::superblock_at(kind, block);
  const std::size_t factors = quant::minimum_factors_offset(kind) + 16 * (block % quant::superblock_blocks(kind));
  return load_scaled<kind>(superblock + quant::minimums_offset(kind), superblock + factors);
}

/// One block to [block_values(kind)][16] floats.
template <quant::PanelKind kind>
inline void decode_block(const std::byte* panel, std::size_t block, float* weights) {
  const SixteenWeights scales = load_scales<kind>(panel, block);
  SixteenWeights minimums = {_mm256_setzero_ps(), _mm256_setzero_ps()};
  if constexpr (quant::has_minimum(kind)) minimums = load_minimums<kind>(panel, block);
  const std::byte* codes = panel + quant::codes_at(kind, block);
  for (int k = 0; k < static_cast<int>(quant::block_values(kind)); ++k) {
    const int group = k / 4;
    const __m128i place = _mm_cvtsi32_si128(8 * (k % 4));
    __m256i low;
    __m256i high;
    if constexpr (quant::has_byte_codes(kind)) {
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
    _mm256_storeu_ps(weights + 16 * k, code_values<kind>(low, scales.low, minimums.low));
    _mm256_storeu_ps(weights + 16 * k + 8, code_values<kind>(high, scales.high, minimums.high));
  }
}

/// k = first .. first + count - 1 of a panel to [count][16] floats; for block kinds both are multiples of 32.
template <quant::PanelKind kind>
inline void decode_panel(const std::byte* panel, std::size_t first, std::size_t count, float* weights) {
  if constexpr (quant::is_block_kind(kind)) {
    constexpr std::size_t values = quant::block_values(kind);
    for (std::size_t k = 0; k < count; k += values) decode_block<kind>(panel, (first + k) / values, weights + 16 * k);
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
