// Stored codes as the unsigned bytes that vpdpbusd wants, and what its dot then has too much.
//
// A 4-bit code is unsigned as it lies in the panel; a centered one means code - 8. An 8-bit code c becomes c + 128 by
// c xor 0x80. So a dot with activations q is that of the unsigned codes minus 8 or 128 times the sum of q (rule 2). All
// of it is exact: a block's dot is at most 32 * 255 * 128 in magnitude.
#pragma once

#include "eigenformer/quant/panel.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512 {

/// What makes a stored byte of 8-bit codes unsigned.
inline constexpr int k_to_unsigned = 0x80;

/// Whether codes become other numbers as unsigned bytes than they mean: not for 4-bit ones above a minimum.
constexpr bool has_offset(quant::PanelKind kind) {
  return quant::has_byte_codes(kind) || kind == quant::PanelKind::q4_centered;
}

/// The dot of unsigned codes that have an offset has sum(q) << this too much.
constexpr unsigned offset_bits(quant::PanelKind kind) { return quant::has_byte_codes(kind) ? 7 : 3; }

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512
