// Q4_K: 256 values in 144 bytes, each 32 above a minimum.
// https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/plain.hpp"
#include "eigenformer/quant/unpacked_block.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant::q4_k {

/// One block as it lies in the file: value i is (scale * factor) * code i - minimum * minimum factor, with factors of 6
/// bits for each 32 values. The codes of the first 32 of each 64 values are low nibbles, those of the others high ones.
struct Block {
  std::uint16_t scale;    ///< binary16
  std::uint16_t minimum;  ///< binary16
  std::array<std::uint8_t, 12> factors;
  std::array<std::uint8_t, 128> codes;
};
static_assert(sizeof(Block) == 144 && sizeof(Block) * 8.0 / k_superblock == 4.5, "4.5 bits per weight");

inline constexpr PanelKind k_kind = PanelKind::q4_k;
inline constexpr std::size_t k_values = k_superblock;

/// Eight factors of scales and eight of minimums. The low six bits of bytes 0..3 are factors 0..3, those of bytes 4..7
/// minimum factors 0..3; bytes 8..11 hold four bits of factors 4..7 and above them of minimum factors 4..7, whose upper
/// two bits are those of bytes 0..7.
inline void unpack_factors(const std::array<std::uint8_t, 12>& bytes, UnpackedBlock& out) {
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint8_t first = bytes[i];
    const std::uint8_t second = bytes[i + 4];
    const std::uint8_t rest = bytes[i + 8];
    out.factors[i] = static_cast<std::int8_t>(first & 0x3F);
    out.factors[i + 4] = static_cast<std::int8_t>((rest & 0x0F) | ((first >> 6) << 4));
    out.minimum_factors[i] = static_cast<std::int8_t>(second & 0x3F);
    out.minimum_factors[i + 4] = static_cast<std::int8_t>((rest >> 4) | ((second >> 6) << 4));
  }
}

inline void unpack_block(const std::byte* bytes, UnpackedBlock& out) {
  const auto block = load<Block>(bytes);
  out.scale = float_from_half(block.scale);
  out.minimum = -float_from_half(block.minimum);
  unpack_factors(block.factors, out);
  for (std::size_t i = 0; i < k_superblock; i += 64) unpack_nibbles(block.codes.data() + i / 2, 32, &out.codes[i]);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant::q4_k
