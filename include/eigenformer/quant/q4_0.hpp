// Q4_0: 32 values around zero in 18 bytes. https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/panel_rows.hpp"
#include "eigenformer/quant/plain.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant::q4_0 {

/// One block as it lies in the file: value i is scale * (code i - 8); codes 0..15 are the low nibbles, 16..31 the high
/// ones.
struct Block {
  std::uint16_t scale;  ///< binary16
  std::array<std::uint8_t, 16> codes;
};
static_assert(sizeof(Block) == 18 && sizeof(Block) * 8.0 / k_block == 4.5, "4.5 bits per weight");

/// The 32 values, one rounding each.
inline void decode_block(const std::byte* block, float* out) {
  const float scale = load_half(block + offsetof(Block, scale));
  const auto* codes = reinterpret_cast<const std::uint8_t*>(block + offsetof(Block, codes));
  for (std::size_t i = 0; i < 16; ++i) {
    out[i] = scale * static_cast<float>((codes[i] & 0x0F) - 8);
    out[i + 16] = scale * static_cast<float>((codes[i] >> 4) - 8);
  }
}

/// One block of each row to one block of a PanelKind::q4_centered panel. A row that is not there becomes zeros by its
/// scale.
inline bool pack_block(const PanelRows& rows, std::size_t block, std::byte* panel) {
  const std::size_t at = block * sizeof(Block);
  const bool finite = pack_halves(rows, at + offsetof(Block, scale), panel);
  pack_nibbles(rows, at + offsetof(Block, codes), panel + 2 * k_panel_outputs);
  return finite;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant::q4_0
