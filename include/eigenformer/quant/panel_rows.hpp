// What the packers of block formats share: sixteen scales side by side, and the interleaving of 4-bit codes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/panel.hpp"
#include "eigenformer/quant/plain.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

/// Where a row that does not exist is read: zeros, for as many bytes as a block has.
inline constexpr std::byte k_no_row[64] = {};

/// Sixteen rows of a file; null where a panel has no such output.
struct PanelRows {
  const std::byte* row[k_panel_outputs] = {};

  /// The row's bytes from `offset` on.
  const std::byte* at(std::size_t output, std::size_t offset) const {
    return row[output] == nullptr ? k_no_row : row[output] + offset;
  }
};

/// The binary16 at byte `offset` of each row, sixteen in a line. False where one is not finite.
inline bool pack_halves(const PanelRows& rows, std::size_t offset, std::byte* out) {
  std::uint16_t halves[k_panel_outputs];
  bool finite = true;
  for (std::size_t output = 0; output < k_panel_outputs; ++output) {
    halves[output] = load<std::uint16_t>(rows.at(output, offset));
    finite &= half_is_finite(halves[output]);
  }
  std::memcpy(out, halves, sizeof(halves));
  return finite;
}

/// Sixteen bytes of codes of each row, at byte `offset` (k 0..15 in the low nibbles, k 16..31 in the high ones), to the
/// eight groups of a panel's block: bytes of four k of output o below, of output o + 8 above (quant/panel.hpp).
inline void pack_nibbles(const PanelRows& rows, std::size_t offset, std::byte* groups) {
  constexpr std::uint32_t low = 0x0F0F0F0FU;
  constexpr std::uint32_t high = 0xF0F0F0F0U;
  constexpr std::size_t half = k_panel_outputs / 2;
  std::uint32_t words[4][k_panel_outputs];  // four k and their twins 16 further on, of every output
  for (std::size_t output = 0; output < k_panel_outputs; ++output) {
    const std::byte* const codes = rows.at(output, offset);
    for (std::size_t group = 0; group < 4; ++group) words[group][output] = load<std::uint32_t>(codes + 4 * group);
  }
  for (std::size_t group = 0; group < 4; ++group) {
    const std::uint32_t* const below = words[group];
    const std::uint32_t* const above = below + half;
    std::uint32_t first[half];
    std::uint32_t second[half];
    for (std::size_t i = 0; i < half; ++i) first[i] = (below[i] & low) | ((above[i] & low) << 4U);
    for (std::size_t i = 0; i < half; ++i) second[i] = ((below[i] >> 4U) & low) | (above[i] & high);
    std::memcpy(groups + 32 * group, first, sizeof(first));
    std::memcpy(groups + 32 * (group + 4), second, sizeof(second));
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant
