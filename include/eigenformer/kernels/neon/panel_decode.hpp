// Weights of any panel kind as f32: exact decoding, rounded after each operation (quant/panel.hpp).
#pragma once

#include "eigenformer/kernels/neon/lanes.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon {

/// Four outputs (4 part .. 4 part + 3) at one k, of plain kinds.
template <quant::PanelKind kind>
[[gnu::always_inline]] inline Lanes load_weights(const std::byte* panel, std::size_t k, std::size_t part) {
  if constexpr (kind == quant::PanelKind::f32) return load_floats(panel + 64 * k + 16 * part);
  if constexpr (kind == quant::PanelKind::f16) return load_halves(panel + 32 * k + 8 * part);
  return load_bfloats(panel + 32 * k + 8 * part);
}

/// The codes of four outputs at four k, in the bytes of 32-bit lanes.
template <quant::PanelKind kind>
[[gnu::always_inline]] inline uint8x16_t load_panel_codes(const std::byte* codes, std::size_t group, std::size_t part) {
  if constexpr (quant::has_byte_codes(kind)) return load_bytes(codes + 64 * group + 16 * part);
  const uint8x16_t pairs = load_bytes(codes + 32 * group + 16 * (part % 2));
  return part < 2 ? vandq_u8(pairs, vdupq_n_u8(15)) : vshrq_n_u8(pairs, 4);
}

/// Four (4 part .. 4 part + 3) of the scales or minimums of a superblock, times their factors where it has several
/// blocks.
template <quant::PanelKind kind>
[[gnu::always_inline]] inline Lanes load_scaled(const std::byte* numbers, const std::byte* factors, std::size_t part) {
  const Lanes four = quant::has_float_scales(kind) ? load_floats(numbers + 16 * part) : load_halves(numbers + 8 * part);
  if constexpr (quant::superblock_blocks(kind) == 1) return four;
  return four * load_codes(factors + 4 * part);
}

/// The scales of four outputs of a panel's block.
template <quant::PanelKind kind>
[[gnu::always_inline]] inline Lanes load_scales(const std::byte* panel, std::size_t block, std::size_t part) {
  const std::byte* superblock = panel + quant::superblock_at(kind, block);
  const std::size_t factors = quant::factors_offset(kind) + 16 * (block % quant::superblock_blocks(kind));
  return load_scaled<kind>(superblock, superblock + factors, part);
}

/// The minimums of four outputs of a panel's block, of kinds that have them.
template <quant::PanelKind kind>
[[gnu::always_inline]] inline Lanes load_minimums(const std::byte* panel, std::size_t block, std::size_t part) {
  const std::byte* superblock = panel + quant::superblock_at(kind, block);
  const std::size_t factors = quant::minimum_factors_offset(kind) + 16 * (block % quant::superblock_blocks(kind));
  return load_scaled<kind>(superblock + quant::minimums_offset(kind), superblock + factors, part);
}

/// One block to [block_values(kind)][16] floats.
template <quant::PanelKind kind>
inline void decode_block(const std::byte* panel, std::size_t block, float* weights) {
  const std::byte* codes = panel + quant::codes_at(kind, block);
  for (std::size_t part = 0; part < k_parts; ++part) {
    const Lanes scale = load_scales<kind>(panel, block, part);
    Lanes minimum = every_lane(0.0F);
    if constexpr (quant::has_minimum(kind)) minimum = load_minimums<kind>(panel, block, part);
    for (std::size_t k = 0; k < quant::block_values(kind); ++k) {
      const int32x4_t left = vdupq_n_s32(24 - 8 * static_cast<std::int32_t>(k % 4));
      const int32x4_t highest = vshlq_s32(vreinterpretq_s32_u8(load_panel_codes<kind>(codes, k / 4, part)), left);
      int32x4_t code = vshrq_n_s32(highest, 24);  // back with its sign; 4-bit codes have none
      if constexpr (kind == quant::PanelKind::q4_centered) code = vsubq_s32(code, vdupq_n_s32(8));
      Lanes value = scale * Lanes(vcvtq_f32_s32(code));
      if constexpr (quant::has_minimum(kind)) value = value + minimum;
      store(weights + 16 * k + 4 * part, value);
    }
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
      for (std::size_t part = 0; part < k_parts; ++part) {
        store(weights + 16 * k + 4 * part, load_weights<kind>(panel, first + k, part));
      }
    }
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon
