// What the packers of block formats share: sixteen scales side by side, and the interleaving of 4-bit codes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/panel.hpp"
#include "eigenformer/quant/plain.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

/// Sixteen rows of a file; null where a panel has no such output.
struct PanelRows {
  const std::byte* row[k_panel_outputs] = {};
};

/// The binary16 at byte `at` of each row, sixteen in a line; zero where there is no row. False where one is not finite.
inline bool pack_halves(const PanelRows& rows, std::size_t at, std::byte* out) {
  bool finite = true;
  for (std::size_t output = 0; output < k_panel_outputs; ++output) {
    const auto half = rows.row[output] == nullptr ? std::uint16_t{0} : load<std::uint16_t>(rows.row[output] + at);
    finite &= half_is_finite(half);
    std::memcpy(out + 2 * output, &half, 2);
  }
  return finite;
}

/// Sixteen bytes of codes of each row, at byte `at` (k 0..15 in the low nibbles, k 16..31 in the high ones), to the
/// eight groups of a panel's block: bytes of four k of output o below, of output o + 8 above (quant/panel.hpp).
inline void pack_nibbles(const PanelRows& rows, std::size_t at, std::byte* groups) {
  constexpr std::uint32_t low = 0x0F0F0F0FU;
  constexpr std::uint32_t high = 0xF0F0F0F0U;
  for (std::size_t output = 0; output < k_panel_outputs / 2; ++output) {
    const std::byte* const row = rows.row[output];
    const std::byte* const row_above = rows.row[output + 8];
    for (std::size_t group = 0; group < 4; ++group) {
      const std::uint32_t below = row == nullptr ? 0 : load<std::uint32_t>(row + at + 4 * group);
      const std::uint32_t above = row_above == nullptr ? 0 : load<std::uint32_t>(row_above + at + 4 * group);
      const std::uint32_t first_half = (below & low) | ((above & low) << 4U);
      const std::uint32_t second_half = ((below >> 4U) & low) | (above & high);
      std::memcpy(groups + 32 * group + 4 * output, &first_half, 4);
      std::memcpy(groups + 32 * (group + 4) + 4 * output, &second_half, 4);
    }
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant
