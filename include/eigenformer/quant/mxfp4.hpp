// MXFP4: 32 floats of four bits and a power of two in 17 bytes.
// https://www.opencompute.org/documents/ocp-microscaling-formats-mx-v1-0-spec-final-pdf
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/iq4_nl.hpp"
#include "eigenformer/quant/plain.hpp"
#include "eigenformer/quant/unpacked_block.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant::mxfp4 {

/// One block as it lies in the file: value i is 2^(exponent - 127) times a float of a sign, two bits of exponent and
/// one of fraction; codes 0..15 are the low nibbles, 16..31 the high ones.
struct Block {
  std::uint8_t exponent;
  std::array<std::uint8_t, 16> codes;
};
static_assert(sizeof(Block) == 17 && sizeof(Block) * 8.0 / k_block == 4.25, "4.25 bits per weight");

/// Such a power of two need not fit a half.
inline constexpr PanelKind k_kind = PanelKind::q8_minimum;
inline constexpr std::size_t k_values = k_block;

/// The floats, doubled.
inline constexpr std::array<std::int8_t, 16> k_code_book = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

/// 2^(exponent - 128): half of it, for doubled floats. 255 means not a number, and 12 times those before it is
/// infinite.
inline float doubled_scale(std::uint8_t exponent) {
  constexpr std::uint8_t largest = 252;
  if (exponent > largest) return std::numeric_limits<float>::quiet_NaN();
  const std::uint32_t bits = exponent < 2 ? 0x00200000U << exponent : (exponent - 1U) << 23U;
  return std::bit_cast<float>(bits);
}

inline void unpack_block(const std::byte* bytes, UnpackedBlock& out) {
  const auto block = load<Block>(bytes);
  out.scale = doubled_scale(block.exponent);
  unpack_nibbles(block.codes.data(), block.codes.size(), out.codes.data());
  iq4_nl::look_up(k_code_book, out.codes.data(), k_block);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant::mxfp4
