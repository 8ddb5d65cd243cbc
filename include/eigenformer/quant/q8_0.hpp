// Q8_0: 32 signed bytes and a scale in 34 bytes. https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/panel_rows.hpp"
#include "eigenformer/quant/plain.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant::q8_0 {

/// One block as it lies in the file: value i is scale * code i.
struct Block {
  std::uint16_t scale;  ///< binary16
  std::array<std::int8_t, 32> codes;
};
static_assert(sizeof(Block) == 34 && sizeof(Block) * 8.0 / k_block == 8.5, "8.5 bits per weight");

/// The 32 values, one rounding each.
inline void decode_block(const std::byte* block, float* out) {
  const float scale = load_half(block + offsetof(Block, scale));
  const auto* codes = reinterpret_cast<const std::int8_t*>(block + offsetof(Block, codes));
  for (std::size_t i = 0; i < k_block; ++i) out[i] = scale * static_cast<float>(codes[i]);
}

/// One block of each row to one block of a PanelKind::q8 panel. A row that is not there becomes zeros.
inline bool pack_block(const PanelRows& rows, std::size_t block, std::byte* panel) {
  const std::size_t at = block * sizeof(Block);
  const bool finite = pack_halves(rows, at + offsetof(Block, scale), panel);
  std::byte* const codes = panel + 2 * k_panel_outputs;
  for (std::size_t output = 0; output < k_panel_outputs; ++output) {
    const std::byte* const row = rows.at(output, at + offsetof(Block, codes));
    for (std::size_t group = 0; group < k_block / 4; ++group) {
      std::memcpy(codes + group * 64 + output * 4, row + group * 4, 4);
    }
  }
  return finite;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant::q8_0
