// Q5_K: 256 values in 176 bytes, each 32 above a minimum.
// https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/plain.hpp"
#include "eigenformer/quant/q4_k.hpp"
#include "eigenformer/quant/unpacked_block.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant::q5_k {

/// One block as it lies in the file: as Q4_K, and byte i % 32 of the fifth bits holds that of code i in its bit i / 32.
struct Block {
  std::uint16_t scale;    ///< binary16
  std::uint16_t minimum;  ///< binary16
  std::array<std::uint8_t, 12> factors;
  std::array<std::uint8_t, 32> fifth_bits;
  std::array<std::uint8_t, 128> codes;
};
static_assert(sizeof(Block) == 176 && sizeof(Block) * 8.0 / k_superblock == 5.5, "5.5 bits per weight");

inline constexpr PanelKind k_kind = PanelKind::q8_minimum;
inline constexpr std::size_t k_values = k_superblock;

inline void unpack_block(const std::byte* bytes, UnpackedBlock& out) {
  const auto block = load<Block>(bytes);
  out.scale = float_from_half(block.scale);
  out.minimum = -float_from_half(block.minimum);
  q4_k::unpack_factors(block.factors, out);
  for (std::size_t i = 0; i < k_superblock; i += 64) unpack_nibbles(block.codes.data() + i / 2, 32, &out.codes[i]);
  for (unsigned run = 0; run < 8; ++run) {
    std::int8_t* const codes = &out.codes[32 * run];
    for (std::size_t i = 0; i < 32; ++i) {
      codes[i] = static_cast<std::int8_t>(codes[i] | ((block.fifth_bits[i] >> run & 1) << 4));
    }
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant::q5_k
