// Q4_1: 32 values above a minimum in 20 bytes. https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/panel_rows.hpp"
#include "eigenformer/quant/plain.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant::q4_1 {

/// One block as it lies in the file: value i is scale * code i + minimum; codes 0..15 are the low nibbles, 16..31 the
/// high ones.
struct Block {
  std::uint16_t scale;    ///< binary16
  std::uint16_t minimum;  ///< binary16
  std::array<std::uint8_t, 16> codes;
};
static_assert(sizeof(Block) == 20 && sizeof(Block) * 8.0 / k_block == 5.0, "5 bits per weight");

/// The 32 values, rounded after the product and after the sum.
inline void decode_block(const std::byte* block, float* out) {
  const float scale = load_half(block + offsetof(Block, scale));
  const float minimum = load_half(block + offsetof(Block, minimum));
  const auto* codes = reinterpret_cast<const std::uint8_t*>(block + offsetof(Block, codes));
  for (std::size_t i = 0; i < 16; ++i) {
    out[i] = scale * static_cast<float>(codes[i] & 0x0F) + minimum;
    out[i + 16] = scale * static_cast<float>(codes[i] >> 4) + minimum;
  }
}

/// One block of each row to one block of a PanelKind::q4_minimum panel. A row that is not there becomes zeros.
inline bool pack_block(const PanelRows& rows, std::size_t block, std::byte* panel) {
  const std::size_t at = block * sizeof(Block);
  const bool scales_finite = pack_halves(rows, at + offsetof(Block, scale), panel);
  const bool minimums_finite = pack_halves(rows, at + offsetof(Block, minimum), panel + 2 * k_panel_outputs);
  pack_nibbles(rows, at + offsetof(Block, codes), panel + 4 * k_panel_outputs);
  return scales_finite && minimums_finite;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant::q4_1
