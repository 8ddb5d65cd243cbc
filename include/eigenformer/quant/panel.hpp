// Panels: the one layout in which matrices are kept in memory, whatever format their file had.
//
// A matrix W [outputs, inner] is cut into panels of 16 outputs; a panel's rows are interleaved so that vector lanes run
// across outputs and never across k (docs/numerics.md, rule 1). All instruction sets read the same bytes.
//
// Plain kinds: for k ascending, 16 elements, one per output.                                       [inner][16]
// Block kinds: the codes of one block, which are `block_values(kind)` values along k, share a scale for each output,
// and a minimum where the kind has one. `superblock_blocks(kind)` blocks are a superblock: one for most kinds.
// Superblocks lie one behind the other; those of several blocks are whole cache lines, and so are the codes of their
// blocks. One has:
//   scales    16 numbers, one per output: f16, but f32 for q8_minimum and q6_k
//   minimums  16 of the same type, for kinds with a minimum
//   factors   where it has several blocks: for each block 16 x int8; then, for kinds with a minimum, the same for the
//             minimums. A block's scale is the superblock's times its factor, its minimum likewise
//   codes     for each block its groups of four k (k = 4 g .. 4 g + 3), each
//     4-bit: 32 bytes; byte j holds output j / 4 in its low nibble and output 8 + j / 4 in its high nibble, both at k =
//     4 g + j % 4
//     8-bit: 64 bytes; byte j holds output j / 4 at k = 4 g + j % 4, as int8
// That is what maddubs, vpdpbusd, sdot and AMX want: 32-bit lanes of four consecutive k of one output, to be multiplied
// by activations that are broadcast four bytes at a time. Missing outputs of the last panel are zeros. `inner` of a
// block kind is a multiple of 32, and of a superblock's values.
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
  q4_minimum,   ///< scale * code + minimum, code 0..15                             (Q4_1)
  q4_centered,  ///< scale * (code - 8), code 0..15                                 (Q4_0)
  q8,           ///< scale * code, code -128..127                                   (Q8_0)
  q8_minimum,   ///< scale * code + minimum, code -128..127
  q4_k,         ///< scale * code + minimum, code 0..15, in superblocks of 256           (Q4_K)
  q6_k,         ///< scale * code, code -128..127, blocks of 16, in superblocks of 256   (Q6_K)
  q2_k,         ///< scale * code + minimum, code 0..15, blocks of 16, in superblocks of 256
};

constexpr bool is_block_kind(PanelKind kind) { return kind >= PanelKind::q4_minimum; }

constexpr bool has_minimum(PanelKind kind) {
  return kind == PanelKind::q4_minimum || kind == PanelKind::q8_minimum || kind == PanelKind::q4_k ||
         kind == PanelKind::q2_k;
}

/// Codes of 8 bits; else of 4.
constexpr bool has_byte_codes(PanelKind kind) {
  return kind == PanelKind::q8 || kind == PanelKind::q8_minimum || kind == PanelKind::q6_k;
}

/// Scales (and minimums) of a superblock that are binary32; else binary16.
constexpr bool has_float_scales(PanelKind kind) { return kind == PanelKind::q8_minimum || kind == PanelKind::q6_k; }

/// Values along k that share a scale, of block kinds.
constexpr std::size_t block_values(PanelKind kind) {
  return kind == PanelKind::q6_k || kind == PanelKind::q2_k ? k_block / 2 : k_block;
}

/// Blocks whose scales are one number times a factor each: 256 values; or 1, and no factors.
constexpr std::size_t superblock_blocks(PanelKind kind) {
  switch (kind) {
    case PanelKind::q4_k: return 8;
    case PanelKind::q6_k:
    case PanelKind::q2_k: return 16;
    default: return 1;
  }
}

/// Where a superblock's minimums begin.
constexpr std::size_t minimums_offset(PanelKind kind) { return k_panel_outputs * (has_float_scales(kind) ? 4 : 2); }

/// Where a superblock's factors begin.
constexpr std::size_t factors_offset(PanelKind kind) { return minimums_offset(kind) * (has_minimum(kind) ? 2 : 1); }

/// Where the factors of a group's minimums begin.
constexpr std::size_t minimum_factors_offset(PanelKind kind) {
  return factors_offset(kind) + k_panel_outputs * superblock_blocks(kind);
}

/// Where a superblock's codes begin.
constexpr std::size_t codes_offset(PanelKind kind) {
  if (superblock_blocks(kind) == 1) return factors_offset(kind);
  return factors_offset(kind) + k_panel_outputs * superblock_blocks(kind) * (has_minimum(kind) ? 2 : 1);
}

/// Bytes of one block's codes.
constexpr std::size_t code_bytes(PanelKind kind) {
  return block_values(kind) * k_panel_outputs / (has_byte_codes(kind) ? 1 : 2);
}

/// Bytes of one superblock of a panel.
constexpr std::size_t superblock_bytes(PanelKind kind) {
  return codes_offset(kind) + superblock_blocks(kind) * code_bytes(kind);
}

/// Where in a panel the superblock of a block begins.
constexpr std::size_t superblock_at(PanelKind kind, std::size_t block) {
  return block / superblock_blocks(kind) * superblock_bytes(kind);
}

/// Where in a panel the codes of a block begin.
constexpr std::size_t codes_at(PanelKind kind, std::size_t block) {
  return superblock_at(kind, block) + codes_offset(kind) + block % superblock_blocks(kind) * code_bytes(kind);
}

/// Bytes of one whole panel of 16 outputs.
constexpr std::size_t panel_bytes(PanelKind kind, std::size_t inner) {
  if (is_block_kind(kind)) return inner / (block_values(kind) * superblock_blocks(kind)) * superblock_bytes(kind);
  return inner * k_panel_outputs * (kind == PanelKind::f32 ? 4 : 2);
}

static_assert(superblock_bytes(PanelKind::q4_minimum) == 32 + 32 + 256 && superblock_bytes(PanelKind::q8) == 32 + 512);
static_assert(superblock_bytes(PanelKind::q4_k) % 64 == 0 && superblock_bytes(PanelKind::q6_k) % 64 == 0 &&
              superblock_bytes(PanelKind::q2_k) % 64 == 0);

constexpr std::size_t panel_count(std::size_t outputs) { return (outputs + k_panel_outputs - 1) / k_panel_outputs; }

constexpr std::string_view panel_kind_name(PanelKind kind) {
  switch (kind) {
    case PanelKind::f32: return "f32";
    case PanelKind::f16: return "f16";
    case PanelKind::bf16: return "bf16";
    case PanelKind::q4_minimum: return "4-bit with minimum";
    case PanelKind::q4_centered: return "4-bit centered";
    case PanelKind::q8: return "8-bit";
    case PanelKind::q8_minimum: return "8-bit with minimum";
    case PanelKind::q4_k: return "4-bit with minimum, in superblocks";
    case PanelKind::q6_k: return "8-bit, in superblocks";
    case PanelKind::q2_k: return "4-bit with minimum, short blocks in superblocks";
  }
  return "?";
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant
