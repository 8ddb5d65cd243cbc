// Sixteen rows of plain elements to one panel: a transposition with a check for values that are not finite.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/data_type.hpp"
#include "eigenformer/quant/panel_rows.hpp"
#include "eigenformer/quant/plain.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

/// Where a row's elements lie: `step` elements apart (1, or the width of a transposed matrix).
struct PlainRows {
  std::size_t inner = 0;
  std::size_t step = 1;
};

namespace pack_plain_detail {

/// As many k as keep sixteen rows and their part of the panel in the first cache.
inline constexpr std::size_t k_tile = 64;

template <class Bits, bool (*is_finite)(Bits)>
bool pack_rows(const PanelRows& rows, PlainRows layout, std::byte* panel) {
  bool finite = true;
  const auto pack_element = [&](std::size_t k, std::size_t output) {
    const std::byte* const row = rows.row[output];
    const Bits bits = row == nullptr ? Bits{0} : load<Bits>(row + k * layout.step * sizeof(Bits));
    finite &= is_finite(bits);
    std::memcpy(panel + (k * k_panel_outputs + output) * sizeof(Bits), &bits, sizeof(Bits));
  };
  if (layout.step != 1) {  // a transposed file: neighbours are outputs
    for (std::size_t k = 0; k < layout.inner; ++k) {
      for (std::size_t output = 0; output < k_panel_outputs; ++output) pack_element(k, output);
    }
    return finite;
  }
  for (std::size_t begin = 0; begin < layout.inner; begin += k_tile) {
    const std::size_t end = std::min(begin + k_tile, layout.inner);
    for (std::size_t output = 0; output < k_panel_outputs; ++output) {
      for (std::size_t k = begin; k < end; ++k) pack_element(k, output);
    }
  }
  return finite;
}

}  // namespace pack_plain_detail

/// The rows (f32, f16 or bf16) to a panel of the same type. False where a value is not finite.
inline bool pack_plain(DataType type, const PanelRows& rows, PlainRows layout, std::byte* panel) {
  using namespace pack_plain_detail;
  if (type == DataType::f32) return pack_rows<std::uint32_t, float_is_finite>(rows, layout, panel);
  if (type == DataType::f16) return pack_rows<std::uint16_t, half_is_finite>(rows, layout, panel);
  return pack_rows<std::uint16_t, bfloat16_is_finite>(rows, layout, panel);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant
