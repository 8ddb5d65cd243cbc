// Q5_1: 32 values above a minimum in 24 bytes.
// https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/plain.hpp"
#include "eigenformer/quant/q5_0.hpp"
#include "eigenformer/quant/unpacked_block.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant::q5_1 {

/// One block as it lies in the file: value i is scale * code i + minimum; codes as in Q5_0.
struct Block {
  std::uint16_t scale;    ///< binary16
  std::uint16_t minimum;  ///< binary16
  std::array<std::uint8_t, 4> fifth_bits;
  std::array<std::uint8_t, 16> codes;
};
static_assert(sizeof(Block) == 24 && sizeof(Block) * 8.0 / k_block == 6.0, "6 bits per weight");

inline constexpr PanelKind k_kind = PanelKind::q8_minimum;
inline constexpr std::size_t k_values = k_block;

inline void unpack_block(const std::byte* bytes, UnpackedBlock& out) {
  const auto block = load<Block>(bytes);
  out.scale = float_from_half(block.scale);
  out.minimum = float_from_half(block.minimum);
  unpack_nibbles(block.codes.data(), block.codes.size(), out.codes.data());
  q5_0::add_fifth_bits(block.fifth_bits, out.codes.data());
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant::q5_1
