// IQ4_NL: 32 values of a code book in 18 bytes.
// https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/quant/plain.hpp"
#include "eigenformer/quant/unpacked_block.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant::iq4_nl {

/// One block as it lies in the file: value i is scale * k_code_book[code i]; codes 0..15 are the low nibbles, 16..31
/// the high ones.
struct Block {
  std::uint16_t scale;  ///< binary16
  std::array<std::uint8_t, 16> codes;
};
static_assert(sizeof(Block) == 18 && sizeof(Block) * 8.0 / k_block == 4.5, "4.5 bits per weight");

inline constexpr PanelKind k_kind = PanelKind::q8;
inline constexpr std::size_t k_values = k_block;

/// Closer together around zero, where most weights are.
inline constexpr std::array<std::int8_t, 16> k_code_book = {-127, -104, -83, -65, -49, -35, -22, -10,
                                                            1,    13,   25,  38,  53,  69,  89,  113};

/// Codes of 4 bits to what they stand for.
inline void look_up(const std::array<std::int8_t, 16>& code_book, std::int8_t* codes, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) codes[i] = code_book[static_cast<std::uint8_t>(codes[i])];
}

inline void unpack_block(const std::byte* bytes, UnpackedBlock& out) {
  const auto block = load<Block>(bytes);
  out.scale = float_from_half(block.scale);
  unpack_nibbles(block.codes.data(), block.codes.size(), out.codes.data());
  look_up(k_code_book, out.codes.data(), k_block);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant::iq4_nl
