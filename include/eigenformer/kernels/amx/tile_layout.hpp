// The shapes of the tiles that a product uses, and what lies in them: plain C++, for the kernel and for its tests.
//
// One block of sixteen rows and sixteen outputs, which is 32 k for most kinds, is one multiplication of tiles (tdpbssd,
// tdpbsud):
//   dots        [16 rows][16 outputs]         int32
//   activations [16 rows][32 k]               int8: where they lie, a row `inner` bytes behind the other
//   weights     [32 / 4 groups][16 outputs][4] bytes: codes of k = 4 g .. 4 g + 3, which is how 8-bit codes lie in a
//                                             panel (quant/panel.hpp)
// 4-bit codes are unsigned bytes, but those of q4_centered have 8 subtracted: there is no offset to take off.
#pragma once

#include <cstddef>
#include <cstdint>

#include "eigenformer/quant/panel.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::amx {

inline constexpr std::size_t k_tile_rows = 16;
inline constexpr std::size_t k_tile_dots = k_tile_rows * quant::k_panel_outputs;
inline constexpr std::size_t k_weight_tile_bytes = quant::k_block * quant::k_panel_outputs;
/// From one row of a tile to the next, where nothing lies between them.
inline constexpr std::size_t k_tile_row_bytes = 64;

/// Tiles of dots, which take turns; then the tiles of their operands.
inline constexpr int k_dot_tiles = 3;
inline constexpr int k_activation_tile = 3;
inline constexpr int k_weight_tile = 4;

/// What ldtilecfg reads and sttilecfg writes. Intel Software Developer's Manual, volume 1, chapter 18.
struct alignas(64) TileConfiguration {
  std::uint8_t palette = 0;  ///< 0: no tiles; 1: eight of at most 16 rows of 64 bytes
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {};  ///< of each tile
  std::uint8_t rows[16] = {};
};
static_assert(sizeof(TileConfiguration) == 64);

/// Of products with blocks of `values` k.
constexpr TileConfiguration product_tiles(std::size_t values) {
  TileConfiguration tiles;
  tiles.palette = 1;
  for (int tile = 0; tile < k_dot_tiles; ++tile) {
    tiles.rows[tile] = k_tile_rows;
    tiles.row_bytes[tile] = k_tile_row_bytes;
  }
  tiles.rows[k_activation_tile] = k_tile_rows;
  tiles.row_bytes[k_activation_tile] = static_cast<std::uint16_t>(values);
  tiles.rows[k_weight_tile] = static_cast<std::uint8_t>(values / 4);
  tiles.row_bytes[k_weight_tile] = k_tile_row_bytes;
  return tiles;
}

/// Whether a tile of weights holds unsigned bytes: tdpbsud instead of tdpbssd.
constexpr bool has_unsigned_codes(quant::PanelKind kind) {
  return !quant::has_byte_codes(kind) && kind != quant::PanelKind::q4_centered;
}

/// What is taken off a stored code before it goes into a tile.
constexpr int code_offset(quant::PanelKind kind) { return kind == quant::PanelKind::q4_centered ? 8 : 0; }

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::amx
