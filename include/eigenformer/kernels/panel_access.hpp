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

/// One panel's block of 32 values along k.
struct PanelBlock {
  quant::PanelKind kind;
  const std::byte* bytes;

  float scale(std::size_t output) const { return load_half(bytes + 2 * output); }
  /// q4_minimum only.
  float minimum(std::size_t output) const { return load_half(bytes + 32 + 2 * output); }

  /// The stored code at k = 0 .. 31: 0 .. 15 for 4-bit kinds, -128 .. 127 for 8-bit ones.
  int code(std::size_t k, std::size_t output) const {
    if (kind == quant::PanelKind::q8) {
      return load<std::int8_t>(bytes + 32 + k / 4 * 64 + output * 4 + k % 4);
    }
    const std::size_t codes = kind == quant::PanelKind::q4_minimum ? 64 : 32;
    const int pair = load<std::uint8_t>(bytes + codes + k / 4 * 32 + output % 8 * 4 + k % 4);
    return output < 8 ? pair & 15 : pair >> 4;
  }

  /// The exact decoded value, rounded after each operation.
  float value(std::size_t k, std::size_t output) const {
    switch (kind) {
      case quant::PanelKind::q4_minimum: {
        const float scaled = scale(output) * static_cast<float>(code(k, output));
        return scaled + minimum(output);
      }
      case quant::PanelKind::q4_centered: return scale(output) * static_cast<float>(code(k, output) - 8);
      default: return scale(output) * static_cast<float>(code(k, output));
    }
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
  const PanelBlock block{kind, panel + k / quant::k_block * quant::panel_block_bytes(kind)};
  return block.value(k % quant::k_block, output);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar
