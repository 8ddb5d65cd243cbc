// Q3_K: 256 values around zero in 110 bytes, with a factor for each 16.
// https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/plain.hpp"
#include "eigenformer/quant/unpacked_block.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant::q3_k {

/// One block as it lies in the file: value i is (scale * (factor - 32)) * code i, codes of -4..3. Of each 128 values
/// the two low bits are 32 bytes, which hold those of value i, i + 32, i + 64 and i + 96 from the lowest bit on. Byte i
/// % 32 of the third bits has its bit i / 32 set where 4 is not to be subtracted.
struct Block {
  std::array<std::uint8_t, 32> third_bits;
  std::array<std::uint8_t, 64> low_bits;
  std::array<std::uint8_t, 12> factors;
  std::uint16_t scale;  ///< binary16
};
static_assert(sizeof(Block) == 110 && sizeof(Block) * 8.0 / k_superblock == 3.4375, "3.4375 bits per weight");

inline constexpr PanelKind k_kind = PanelKind::q6_k;
inline constexpr std::size_t k_values = k_superblock;

/// Sixteen factors of 6 bits. Their low four bits are the low nibbles of bytes 0..7, then the high ones; their high two
/// bits lie in bytes 8..11, those of factor i, i + 4, i + 8 and i + 12 from the lowest bit on.
inline std::int8_t factor(const std::array<std::uint8_t, 12>& bytes, std::size_t i) {
  const int low = bytes[i % 8] >> (i / 8 * 4) & 0x0F;
  const int high = bytes[8 + i % 4] >> (i / 4 * 2) & 3;
  return static_cast<std::int8_t>((low | (high << 4)) - 32);
}

inline void unpack_block(const std::byte* bytes, UnpackedBlock& out) {
  const auto block = load<Block>(bytes);
  out.scale = float_from_half(block.scale);
  for (std::size_t i = 0; i < out.factors.size(); ++i) out.factors[i] = factor(block.factors, i);
  for (std::size_t half = 0; half < 2; ++half)
    unpack_bit_pairs(block.low_bits.data() + 32 * half, &out.codes[128 * half]);
  for (unsigned run = 0; run < 8; ++run) {
    std::int8_t* const codes = &out.codes[32 * run];
    for (std::size_t i = 0; i < 32; ++i) {
      codes[i] = static_cast<std::int8_t>(codes[i] - 4 + ((block.third_bits[i] >> run & 1) << 2));
    }
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant::q3_k
