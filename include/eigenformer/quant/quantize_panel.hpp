// Sixteen rows of plain elements to one panel of a block format.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/data_type.hpp"
#include "eigenformer/quant/block_formats.hpp"
#include "eigenformer/quant/pack_plain.hpp"
#include "eigenformer/quant/panel_rows.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

/// What packing found of the weights.
struct PackFindings {
  bool finite = true;       ///< plain weights, and the scales of a file's blocks
  bool fits_halves = true;  ///< the scales and minimums of blocks that were quantized here
};

namespace quantize_panel_detail {

/// As many blocks as keep sixteen rows of them in the first cache.
inline constexpr std::size_t k_tile_blocks = 4;
inline constexpr std::size_t k_tile = k_tile_blocks * k_block;
inline constexpr std::size_t k_largest_block = block_bytes(DataType::q8_0);

/// `count` elements of a row, `step` apart, in f32.
inline void decode_elements(DataType type, const std::byte* row, std::size_t step, std::size_t count, float* out) {
  if (step == 1) return decode_values(type, row, count, out);
  for (std::size_t i = 0; i < count; ++i) decode_values(type, row + i * step * block_bytes(type), 1, out + i);
}

inline bool all_finite(const float* values, std::size_t count) {
  return std::all_of(values, values + count,
                     [](float value) { return float_is_finite(std::bit_cast<std::uint32_t>(value)); });
}

}  // namespace quantize_panel_detail

/// The rows (f32, f16 or bf16; `layout.inner` is whole blocks) to a panel of `format`, which can quantize. By way of
/// its blocks, a tile at a time.
inline PackFindings quantize_panel(DataType type, const PanelRows& rows, PlainRows layout, const BlockFormat& format,
                                   std::byte* panel) {
  using namespace quantize_panel_detail;
  PackFindings found;
  float values[k_tile];
  std::byte blocks[k_panel_outputs][k_tile_blocks * k_largest_block];
  for (std::size_t begin = 0; begin < layout.inner; begin += k_tile) {
    const std::size_t size = std::min(k_tile, layout.inner - begin);
    PanelRows quantized;
    for (std::size_t output = 0; output < k_panel_outputs; ++output) {
      if (rows.row[output] == nullptr) continue;
      decode_elements(type, rows.row[output] + begin * layout.step * block_bytes(type), layout.step, size, values);
      if (!all_finite(values, size)) return {.finite = false};
      format.quantize(values, size / k_block, blocks[output]);
      quantized.row[output] = blocks[output];
    }
    std::byte* const tile = panel + begin / k_block * superblock_bytes(format.kind);
    found.fits_halves &= format.pack(quantized, size / k_block, tile);
  }
  return found;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant
