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

/// One block of a panel: block_values(kind) values along k.
class PanelBlock {
 public:
  PanelBlock(quant::PanelKind kind, const std::byte* panel, std::size_t index = 0)
      : kind_(kind),
        superblock_(panel + quant::superblock_at(kind, index)),
        codes_(panel + quant::codes_at(kind, index)),
        in_superblock_(index % quant::superblock_blocks(kind)) {}

  quant::PanelKind kind() const { return kind_; }
  float scale(std::size_t output) const {
    return superblock_number(kind_, superblock_, output) * factor(quant::factors_offset(kind_), output);
  }
  /// Of kinds that have one.
  float minimum(std::size_t output) const {
    return superblock_number(kind_, superblock_ + quant::minimums_offset(kind_), output) *
           factor(quant::minimum_factors_offset(kind_), output);
  }

  /// The stored code at k = 0 .. block_values(kind) - 1: 0 .. 15 for 4-bit kinds, -128 .. 127 for 8-bit ones.
  int code(std::size_t k, std::size_t output) const {
    if (quant::has_byte_codes(kind_)) return load<std::int8_t>(codes_ + k / 4 * 64 + output * 4 + k % 4);
    const int pair = load<std::uint8_t>(codes_ + k / 4 * 32 + output % 8 * 4 + k % 4);
    return output < 8 ? pair & 15 : pair >> 4;
  }

  /// The exact decoded value, rounded after each operation.
  float value(std::size_t k, std::size_t output) const {
    const int offset = kind_ == quant::PanelKind::q4_centered ? 8 : 0;
    const float scaled = scale(output) * static_cast<float>(code(k, output) - offset);
    return quant::has_minimum(kind_) ? scaled + minimum(output) : scaled;
  }

 private:
  float factor(std::size_t offset, std::size_t output) const {
    if (quant::superblock_blocks(kind_) == 1) return 1.0F;
    return load<std::int8_t>(superblock_ + offset + in_superblock_ * quant::k_panel_outputs + output);
  }

  quant::PanelKind kind_;
  const std::byte* superblock_;
  const std::byte* codes_;
  std::size_t in_superblock_;
};

/// The sixteen w[output, k] at one k, of a panel of any kind.
inline void read_weights(quant::PanelKind kind, const std::byte* panel, std::size_t k, float* weights) {
  if (quant::is_block_kind(kind)) {
    const std::size_t values = quant::block_values(kind);
    const PanelBlock block(kind, panel, k / values);
    for (std::size_t output = 0; output < quant::k_panel_outputs; ++output) {
      weights[output] = block.value(k % values, output);
    }
    return;
  }
  for (std::size_t output = 0; output < quant::k_panel_outputs; ++output) {
    const std::size_t element = k * quant::k_panel_outputs + output;
    switch (kind) {
      case quant::PanelKind::f16: weights[output] = load_half(panel + 2 * element); break;
      case quant::PanelKind::bf16:
        weights[output] = float_from_bfloat16(load<std::uint16_t>(panel + 2 * element));
        break;
      default: weights[output] = load<float>(panel + 4 * element); break;
    }
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar
