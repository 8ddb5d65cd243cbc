// Q5_0: 32 values around zero in 22 bytes.
// https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/plain.hpp"
#include "eigenformer/quant/unpacked_block.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant::q5_0 {

/// One block as it lies in the file: value i is scale * (code i - 16). Four bits of codes 0..15 are the low nibbles,
/// those of 16..31 the high ones; the fifth bit of code i is bit i.
struct Block {
  std::uint16_t scale;  ///< binary16
  std::array<std::uint8_t, 4> fifth_bits;
  std::array<std::uint8_t, 16> codes;
};
static_assert(sizeof(Block) == 22 && sizeof(Block) * 8.0 / k_block == 5.5, "5.5 bits per weight");

inline constexpr PanelKind k_kind = PanelKind::q8;
inline constexpr std::size_t k_values = k_block;

/// Adds 16 to the codes whose bit is set.
inline void add_fifth_bits(const std::array<std::uint8_t, 4>& bits, std::int8_t* codes) {
  for (std::size_t byte = 0; byte < bits.size(); ++byte) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::int8_t& code = codes[8 * byte + bit];
      code = static_cast<std::int8_t>(code | ((bits[byte] >> bit & 1) << 4));
    }
  }
}

inline void unpack_block(const std::byte* bytes, UnpackedBlock& out) {
  const auto block = load<Block>(bytes);
  out.scale = float_from_half(block.scale);
  unpack_nibbles(block.codes.data(), block.codes.size(), out.codes.data());
  add_fifth_bits(block.fifth_bits, out.codes.data());
  for (std::size_t i = 0; i < k_block; ++i) out.codes[i] = static_cast<std::int8_t>(out.codes[i] - 16);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant::q5_0
