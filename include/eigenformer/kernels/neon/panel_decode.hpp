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
  if constexpr (kind == quant::PanelKind::q8) return load_bytes(codes + 64 * group + 16 * part);
  const uint8x16_t pairs = load_bytes(codes + 32 * group + 16 * (part % 2));
  return part < 2 ? vandq_u8(pairs, vdupq_n_u8(15)) : vshrq_n_u8(pairs, 4);
}

/// One block of 32 k to [32][16] floats.
template <quant::PanelKind kind>
inline void decode_block(const std::byte* bytes, float* weights) {
  constexpr bool has_minimum = kind == quant::PanelKind::q4_minimum;
  const std::byte* codes = bytes + (has_minimum ? 64 : 32);
  for (std::size_t part = 0; part < k_parts; ++part) {
    const Lanes scale = load_halves(bytes + 8 * part);
    const Lanes minimum = has_minimum ? load_halves(bytes + 32 + 8 * part) : every_lane(0.0F);
    for (std::size_t k = 0; k < 32; ++k) {
      const int32x4_t left = vdupq_n_s32(24 - 8 * static_cast<std::int32_t>(k % 4));
      const int32x4_t highest = vshlq_s32(vreinterpretq_s32_u8(load_panel_codes<kind>(codes, k / 4, part)), left);
      int32x4_t code = vshrq_n_s32(highest, 24);  // back with its sign; 4-bit codes have none
      if constexpr (kind == quant::PanelKind::q4_centered) code = vsubq_s32(code, vdupq_n_s32(8));
      Lanes value = scale * Lanes(vcvtq_f32_s32(code));
      if constexpr (has_minimum) value = value + minimum;
      store(weights + 16 * k + 4 * part, value);
    }
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
      for (std::size_t part = 0; part < k_parts; ++part) {
        store(weights + 16 * k + 4 * part, load_weights<kind>(panel, first + k, part));
      }
    }
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon
