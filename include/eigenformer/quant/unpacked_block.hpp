// What formats share whose codes do not lie in bytes or nibbles as a panel wants them: a block of the file is first
// unpacked, and its values, or its part of a panel, are made of that.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/half.hpp"
#include "eigenformer/quant/panel.hpp"
#include "eigenformer/quant/panel_rows.hpp"
#include "eigenformer/quant/plain.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

/// Values in a block of the formats whose names end in K (and of IQ4_XS).
inline constexpr std::size_t k_superblock = 256;

/// A block of a file, as many codes as it has. Value k is scale * code k + minimum. In files' blocks that are several
/// blocks of a panel both numbers are first multiplied by a factor of the panel's block.
struct UnpackedBlock {
  float scale = 0.0F;
  float minimum = 0.0F;
  std::array<std::int8_t, 16> factors = {};
  std::array<std::int8_t, 16> minimum_factors = {};
  std::array<std::int8_t, k_superblock> codes = {};
};

namespace unpacked_block_detail {

template <PanelKind kind, std::size_t values>
float scale_of(const UnpackedBlock& from, std::size_t block) {
  if constexpr (values == block_values(kind)) return from.scale;
  return from.scale * static_cast<float>(from.factors[block]);
}

template <PanelKind kind, std::size_t values>
float minimum_of(const UnpackedBlock& from, std::size_t block) {
  if constexpr (values == block_values(kind)) return from.minimum;
  return from.minimum * static_cast<float>(from.minimum_factors[block]);
}

inline bool is_finite(float value) { return float_is_finite(std::bit_cast<std::uint32_t>(value)); }

/// A scale or minimum of a superblock. Numbers that become halves were halves in the file.
template <PanelKind kind>
void store_number(float number, std::size_t output, std::byte* numbers) {
  if constexpr (has_float_scales(kind)) {
    std::memcpy(numbers + 4 * output, &number, 4);
  } else {
    const std::uint16_t half = half_from_float_saturating(number);
    std::memcpy(numbers + 2 * output, &half, 2);
  }
}

/// Scales and minimums, and the factors that they have, of one output.
template <PanelKind kind, std::size_t values>
void store_numbers(const UnpackedBlock& from, std::size_t output, std::byte* panel) {
  constexpr std::size_t blocks = values / block_values(kind);
  if constexpr (superblock_blocks(kind) == 1) {
    for (std::size_t block = 0; block < blocks; ++block) {
      std::byte* const superblock = panel + superblock_at(kind, block);
      store_number<kind>(scale_of<kind, values>(from, block), output, superblock);
      if constexpr (has_minimum(kind)) {
        store_number<kind>(minimum_of<kind, values>(from, block), output, superblock + minimums_offset(kind));
      }
    }
  } else {
    static_assert(blocks == superblock_blocks(kind));
    store_number<kind>(from.scale, output, panel);
    if constexpr (has_minimum(kind)) store_number<kind>(from.minimum, output, panel + minimums_offset(kind));
    for (std::size_t block = 0; block < blocks; ++block) {
      const std::size_t at = block * k_panel_outputs + output;
      panel[factors_offset(kind) + at] = static_cast<std::byte>(from.factors[block]);
      if constexpr (has_minimum(kind)) {
        panel[minimum_factors_offset(kind) + at] = static_cast<std::byte>(from.minimum_factors[block]);
      }
    }
  }
}

/// Four codes of every output, from k on: a group of a panel's codes (quant/panel.hpp).
template <PanelKind kind>
void store_group(const UnpackedBlock (&rows)[k_panel_outputs], std::size_t k, std::byte* group) {
  std::uint32_t words[k_panel_outputs];
  for (std::size_t output = 0; output < k_panel_outputs; ++output) {
    std::memcpy(words + output, rows[output].codes.data() + k, 4);
  }
  if constexpr (has_byte_codes(kind)) {
    std::memcpy(group, words, sizeof(words));
  } else {
    constexpr std::size_t half = k_panel_outputs / 2;
    for (std::size_t i = 0; i < half; ++i) words[i] |= words[i + half] << 4U;
    std::memcpy(group, words, half * sizeof(std::uint32_t));
  }
}

}  // namespace unpacked_block_detail

/// The values of a block, rounded after each operation, as the format's reference does.
template <PanelKind kind, std::size_t values>
void decode_unpacked(const UnpackedBlock& from, float* out) {
  using namespace unpacked_block_detail;
  for (std::size_t block = 0; block < values / block_values(kind); ++block) {
    const float scale = scale_of<kind, values>(from, block);
    const float minimum = minimum_of<kind, values>(from, block);
    for (std::size_t k = block * block_values(kind); k < (block + 1) * block_values(kind); ++k) {
      const float scaled = scale * static_cast<float>(from.codes[k]);
      out[k] = has_minimum(kind) ? scaled + minimum : scaled;
    }
  }
}

/// One block of each row to its part of a panel. False where a scale or minimum is not finite.
template <PanelKind kind, std::size_t values>
bool pack_unpacked(const UnpackedBlock (&rows)[k_panel_outputs], std::byte* panel) {
  using namespace unpacked_block_detail;
  bool finite = true;
  for (std::size_t output = 0; output < k_panel_outputs; ++output) {
    finite &= is_finite(rows[output].scale) && is_finite(rows[output].minimum);
    store_numbers<kind, values>(rows[output], output, panel);
  }
  constexpr std::size_t group_bytes = code_bytes(kind) * 4 / block_values(kind);
  for (std::size_t k = 0; k < values; k += 4) {
    std::byte* const codes = panel + codes_at(kind, k / block_values(kind));
    store_group<kind>(rows, k, codes + k % block_values(kind) / 4 * group_bytes);
  }
  return finite;
}

/// Numbers of two bits: 32 bytes hold 128 of them, number i those of byte i % 32, from the lowest bits on. In runs of
/// 32, which compilers make vectors of.
inline void unpack_bit_pairs(const std::uint8_t* bytes, std::int8_t* numbers) {
  for (unsigned run = 0; run < 4; ++run) {
    for (std::size_t i = 0; i < 32; ++i) numbers[32 * run + i] = static_cast<std::int8_t>(bytes[i] >> (2 * run) & 3);
  }
}

/// Low nibbles, then high ones: `count` bytes to 2 * count codes.
inline void unpack_nibbles(const std::uint8_t* bytes, std::size_t count, std::int8_t* codes) {
  for (std::size_t i = 0; i < count; ++i) {
    codes[i] = static_cast<std::int8_t>(bytes[i] & 0x0F);
    codes[i + count] = static_cast<std::int8_t>(bytes[i] >> 4);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant
