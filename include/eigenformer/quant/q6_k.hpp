// Q6_K: 256 values around zero in 210 bytes, with a factor for each 16.
// https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/plain.hpp"
#include "eigenformer/quant/unpacked_block.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant::q6_k {

/// One block as it lies in the file: value i is (scale * factor) * (code i - 32). Of each 128 values the four low bits
/// are 64 bytes: the low nibbles are values 0..63, the high ones 64..127; the two high bits are 32 bytes, which hold
/// those of value i, i + 32, i + 64 and i + 96 from the lowest bit on.
struct Block {
  std::array<std::uint8_t, 128> low_bits;
  std::array<std::uint8_t, 64> high_bits;
  std::array<std::int8_t, 16> factors;
  std::uint16_t scale;  ///< binary16
};
static_assert(sizeof(Block) == 210 && sizeof(Block) * 8.0 / k_superblock == 6.5625, "6.5625 bits per weight");

inline constexpr PanelKind k_kind = PanelKind::q6_k;
inline constexpr std::size_t k_values = k_superblock;

inline void unpack_block(const std::byte* bytes, UnpackedBlock& out) {
  const auto block = load<Block>(bytes);
  out.scale = float_from_half(block.scale);
  out.factors = block.factors;
  for (std::size_t half = 0; half < 2; ++half) {
    std::int8_t* const codes = out.codes.data() + 128 * half;
    unpack_nibbles(block.low_bits.data() + 64 * half, 64, codes);
    std::array<std::int8_t, 128> high;
    unpack_bit_pairs(block.high_bits.data() + 32 * half, high.data());
    for (std::size_t i = 0; i < 128; ++i) codes[i] = static_cast<std::int8_t>((codes[i] | (high[i] << 4)) - 32);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant::q6_k
