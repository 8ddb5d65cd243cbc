// Panels: the one layout in which matrices are kept in memory, whatever format their file had.
//
// A matrix W [outputs, inner] is cut into panels of 16 outputs; a panel's rows are interleaved so that vector lanes run
// across outputs and never across k (docs/numerics.md, rule 1). All instruction sets read the same bytes.
//
// Plain kinds: for k ascending, 16 elements, one per output.                                       [inner][16]
// Block kinds: for each block of 32 values along k, in this order:
//   scales   16 x f16, one per output
//   minimums 16 x f16 (PanelKind::q4_minimum only)
//   codes    8 groups of four k (k = 4 g .. 4 g + 3), each
//     4-bit: 32 bytes; byte j holds output j / 4 in its low nibble and output 8 + j / 4 in its high nibble, both at k =
//     4 g + j % 4 8-bit: 64 bytes; byte j holds output j / 4 at k = 4 g + j % 4, as int8
// That is what maddubs, vpdpbusd, sdot and AMX want: 32-bit lanes of four consecutive k of one output, to be multiplied
// by activations that are broadcast four bytes at a time. Missing outputs of the last panel are zeros. `inner` of a
// block kind is a multiple of 32.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

inline constexpr std::size_t k_panel_outputs = 16;
inline constexpr std::size_t k_block = 32;

/// What one stored code means. value(code) in the exact decoded row, rounded after each operation:
enum class PanelKind : std::uint8_t {
  f32,          ///< the value
  f16,          ///< the value
  bf16,         ///< the value
  q4_minimum,   ///< scale * code + minimum, code 0..15            (Q4_1)
  q4_centered,  ///< scale * (code - 8), code 0..15                (Q4_0)
  q8,           ///< scale * code, code -128..127                  (Q8_0)
};

constexpr bool is_block_kind(PanelKind kind) { return kind >= PanelKind::q4_minimum; }

/// Bytes of one panel's block of 32 values along k, for block kinds.
constexpr std::size_t panel_block_bytes(PanelKind kind) {
  switch (kind) {
    case PanelKind::q4_minimum: return 32 + 32 + 256;
    case PanelKind::q4_centered: return 32 + 256;
    case PanelKind::q8: return 32 + 512;
    default: return 0;
  }
}

/// Bytes of one whole panel of 16 outputs.
constexpr std::size_t panel_bytes(PanelKind kind, std::size_t inner) {
  if (is_block_kind(kind)) return inner / k_block * panel_block_bytes(kind);
  return inner * k_panel_outputs * (kind == PanelKind::f32 ? 4 : 2);
}

constexpr std::size_t panel_count(std::size_t outputs) { return (outputs + k_panel_outputs - 1) / k_panel_outputs; }

constexpr std::string_view panel_kind_name(PanelKind kind) {
  switch (kind) {
    case PanelKind::f32: return "f32";
    case PanelKind::f16: return "f16";
    case PanelKind::bf16: return "bf16";
    case PanelKind::q4_minimum: return "4-bit with minimum";
    case PanelKind::q4_centered: return "4-bit centered";
    case PanelKind::q8: return "8-bit";
  }
  return "?";
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant
