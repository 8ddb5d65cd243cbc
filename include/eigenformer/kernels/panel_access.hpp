// Reading single weights out of a panel (quant/panel.hpp), for the scalar truth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "eigenformer/core/half.hpp"
#include "eigenformer/quant/panel.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar {

template <class T>
T load(const std::byte* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

inline float load_half(const std::byte* bytes) { return float_from_half(load<std::uint16_t>(bytes)); }

/// Scale or minimum of a superblock, for one output.
inline float superblock_number(quant::PanelKind kind, const std::byte* sixteen, std::size_t output) {
  return quant::has_float_scales(kind) ? load<float>(sixteen + 4 * output) : load_half(sixteen + 2 * output);
}

/// One block of a panel: block_values(kind) values along k, from number `index` on.
struct PanelBlock {
  quant::PanelKind kind;
  const std::byte* panel;
  std::size_t index = 0;

  float scale(std::size_t output) const {
    return superblock_number(kind, superblock(), output) * factor(quant::factors_offset(kind), output);
  }
  /// Of kinds that have one.
  float minimum(std::size_t output) const {
    return superblock_number(kind, superblock() + quant::minimums_offset(kind), output) *
           factor(quant::minimum_factors_offset(kind), output);
  }

  /// The stored code at k = 0 .. block_values(kind) - 1: 0 .. 15 for 4-bit kinds, -128 .. 127 for 8-bit ones.
  int code(std::size_t k, std::size_t output) const {
    const std::byte* const codes = panel + quant::codes_at(kind, index);
    if (quant::has_byte_codes(kind)) return load<std::int8_t>(codes + k / 4 * 64 + output * 4 + k % 4);
    const int pair = load<std::uint8_t>(codes + k / 4 * 32 + output % 8 * 4 + k % 4);
    return output < 8 ? pair & 15 : pair >> 4;
  }

  /// The exact decoded value, rounded after each operation.
  float value(std::size_t k, std::size_t output) const {
    const int offset = kind == quant::PanelKind::q4_centered ? 8 : 0;
    const float scaled = scale(output) * static_cast<float>(code(k, output) - offset);
    return quant::has_minimum(kind) ? scaled + minimum(output) : scaled;
  }

 private:
  const std::byte* superblock() const { return panel + quant::superblock_at(kind, index); }
  float factor(std::size_t offset, std::size_t output) const {
    const std::size_t blocks = quant::superblock_blocks(kind);
    if (blocks == 1) return 1.0F;
    return load<std::int8_t>(superblock() + offset + index % blocks * quant::k_panel_outputs + output);
  }
};

/// w[output, k] of a panel of any kind.
inline float panel_weight(quant::PanelKind kind, const std::byte* panel, std::size_t k, std::size_t output) {
  const std::size_t element = k * quant::k_panel_outputs + output;
  switch (kind) {
    case quant::PanelKind::f32: return load<float>(panel + 4 * element);
    case quant::PanelKind::f16: return load_half(panel + 2 * element);
    case quant::PanelKind::bf16: return float_from_bfloat16(load<std::uint16_t>(panel + 2 * element));
    default: break;
  }
  const std::size_t values = quant::block_values(kind);
  return PanelBlock{kind, panel, k / values}.value(k % values, output);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar
