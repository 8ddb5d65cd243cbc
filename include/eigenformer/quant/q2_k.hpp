// Q2_K: 256 values in 84 bytes, each 16 above a minimum.
// https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/plain.hpp"
#include "eigenformer/quant/unpacked_block.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant::q2_k {

/// One block as it lies in the file: value i is (scale * factor) * code i - minimum * minimum factor, codes of two
/// bits. Of each 16 values a byte holds the factor in its low nibble and that of the minimum in its high one. Of each
/// 128 values the codes are 32 bytes, which hold those of value i, i + 32, i + 64 and i + 96 from the lowest bit on.
struct Block {
  std::array<std::uint8_t, 16> factors;
  std::array<std::uint8_t, 64> codes;
  std::uint16_t scale;    ///< binary16
  std::uint16_t minimum;  ///< binary16
};
static_assert(sizeof(Block) == 84 && sizeof(Block) * 8.0 / k_superblock == 2.625, "2.625 bits per weight");

inline constexpr PanelKind k_kind = PanelKind::q2_k;
inline constexpr std::size_t k_values = k_superblock;

inline void unpack_block(const std::byte* bytes, UnpackedBlock& out) {
  const auto block = load<Block>(bytes);
  out.scale = float_from_half(block.scale);
  out.minimum = -float_from_half(block.minimum);
  for (std::size_t i = 0; i < block.factors.size(); ++i) {
    out.factors[i] = static_cast<std::int8_t>(block.factors[i] & 0x0F);
    out.minimum_factors[i] = static_cast<std::int8_t>(block.factors[i] >> 4);
  }
  for (std::size_t half = 0; half < 2; ++half) unpack_bit_pairs(block.codes.data() + 32 * half, &out.codes[128 * half]);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant::q2_k
