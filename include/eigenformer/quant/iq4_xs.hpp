// IQ4_XS: 256 values of a code book in 136 bytes, with a factor for each 32.
// https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/iq4_nl.hpp"
#include "eigenformer/quant/plain.hpp"
#include "eigenformer/quant/unpacked_block.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant::iq4_xs {

/// One block as it lies in the file: value i is (scale * (factor - 32)) * (that of IQ4_NL's code book), with a factor
/// of 6 bits for each 32 values: the low four bits are nibbles, the high two are bits 2 j and 2 j + 1 of factor j. Of
/// each 32 values codes 0..15 are the low nibbles, 16..31 the high ones.
struct Block {
  std::uint16_t scale;  ///< binary16
  std::uint16_t high_factor_bits;
  std::array<std::uint8_t, 4> low_factor_bits;
  std::array<std::uint8_t, 128> codes;
};
static_assert(sizeof(Block) == 136 && sizeof(Block) * 8.0 / k_superblock == 4.25, "4.25 bits per weight");

/// Blocks of 16: two have the same factor.
inline constexpr PanelKind k_kind = PanelKind::q6_k;
inline constexpr std::size_t k_values = k_superblock;

inline void unpack_block(const std::byte* bytes, UnpackedBlock& out) {
  const auto block = load<Block>(bytes);
  out.scale = float_from_half(block.scale);
  for (std::size_t i = 0; i < 8; ++i) {
    const int low = block.low_factor_bits[i / 2] >> (i % 2 * 4) & 0x0F;
    const int high = block.high_factor_bits >> (2 * i) & 3;
    out.factors[2 * i] = out.factors[2 * i + 1] = static_cast<std::int8_t>((low | (high << 4)) - 32);
  }
  for (std::size_t i = 0; i < k_superblock; i += 32) unpack_nibbles(block.codes.data() + i / 2, 16, &out.codes[i]);
  iq4_nl::look_up(iq4_nl::k_code_book, out.codes.data(), k_superblock);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant::iq4_xs
