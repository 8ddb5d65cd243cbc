#pragma once

#include <cstdint>
#include <cstring>

#include "eigenformer/quant/plain.hpp"
#include "eigenformer/quant/unpack.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

namespace unpack_detail {

/// The code at k of one output, in the codes of a block.
template <PanelKind kind>
int stored_code(const std::byte* codes, std::size_t k, std::size_t output) {
  if constexpr (has_byte_codes(kind)) {
    return static_cast<std::int8_t>(codes[64 * (k / 4) + 4 * output + k % 4]);
  } else {
    const auto both = static_cast<unsigned>(codes[32 * (k / 4) + 4 * (output % 8) + k % 4]);
    return static_cast<int>(output < 8 ? both & 0x0FU : both >> 4U);
  }
}

/// A number of a superblock for one output, times the factor that lies at `factors`.
template <PanelKind kind>
float scaled_number(const std::byte* numbers, const std::byte* factors, std::size_t output) {
  const float number = has_float_scales(kind) ? load<float>(numbers + 4 * output) : load_half(numbers + 2 * output);
  if constexpr (superblock_blocks(kind) == 1) return number;
  return number * static_cast<float>(load<std::int8_t>(factors + output));
}

/// One block of a panel: its codes, and the numbers of one output.
template <PanelKind kind>
class Block {
 public:
  Block(const std::byte* panel, std::size_t index)
      : superblock_(panel + superblock_at(kind, index)),
        codes_(panel + codes_at(kind, index)),
        factors_(k_panel_outputs * (index % superblock_blocks(kind))) {}

  float scale(std::size_t output) const {
    return scaled_number<kind>(superblock_, superblock_ + factors_offset(kind) + factors_, output);
  }
  float minimum(std::size_t output) const {
    if constexpr (!has_minimum(kind)) return 0.0F;
    return scaled_number<kind>(superblock_ + minimums_offset(kind),
                               superblock_ + minimum_factors_offset(kind) + factors_, output);
  }
  /// In the roundings of the file's format.
  float value(std::size_t k, std::size_t output, float scale, float minimum) const {
    constexpr int center = kind == PanelKind::q4_centered ? 8 : 0;
    const float scaled = scale * static_cast<float>(stored_code<kind>(codes_, k, output) - center);
    return has_minimum(kind) ? scaled + minimum : scaled;
  }

 private:
  const std::byte* superblock_;
  const std::byte* codes_;
  std::size_t factors_;
};

/// All sixteen outputs of one block: out [block_values(kind)][16].
template <PanelKind kind>
void unpack_block(const Block<kind>& block, float* out) {
  float scales[k_panel_outputs];
  float minimums[k_panel_outputs];
  for (std::size_t output = 0; output < k_panel_outputs; ++output) {
    scales[output] = block.scale(output);
    minimums[output] = block.minimum(output);
  }
  for (std::size_t k = 0; k < block_values(kind); ++k) {
    float* const row = out + k * k_panel_outputs;
    for (std::size_t output = 0; output < k_panel_outputs; ++output) {
      row[output] = block.value(k, output, scales[output], minimums[output]);
    }
  }
}

template <PanelKind kind>
void unpack_blocks(const std::byte* panel, std::size_t first, std::size_t count, float* out) {
  constexpr std::size_t blocks_per_step = k_block / block_values(kind);
  for (std::size_t i = 0; i < count * blocks_per_step; ++i) {
    unpack_block(Block<kind>(panel, first * blocks_per_step + i), out + i * block_values(kind) * k_panel_outputs);
  }
}

template <PanelKind kind>
void unpack_output_blocks(const std::byte* panel, std::size_t output, std::size_t inner, float* out) {
  constexpr std::size_t values = block_values(kind);
  for (std::size_t i = 0; i < inner / values; ++i) {
    const Block<kind> block(panel, i);
    const float scale = block.scale(output);
    const float minimum = block.minimum(output);
    for (std::size_t k = 0; k < values; ++k) out[i * values + k] = block.value(k, output, scale, minimum);
  }
}

/// One element of a plain panel.
template <PanelKind kind>
float plain_value(const std::byte* panel, std::size_t index) {
  if constexpr (kind == PanelKind::f32) return load<float>(panel + 4 * index);
  if constexpr (kind == PanelKind::f16) return load_half(panel + 2 * index);
  return float_from_bfloat16(load<std::uint16_t>(panel + 2 * index));
}

template <PanelKind kind>
void unpack_plain(const std::byte* panel, std::size_t first, std::size_t count, float* out) {
  for (std::size_t i = 0; i < count * k_panel_outputs; ++i) {
    out[i] = plain_value<kind>(panel, first * k_panel_outputs + i);
  }
}

template <PanelKind kind>
void unpack_output_plain(const std::byte* panel, std::size_t output, std::size_t inner, float* out) {
  for (std::size_t k = 0; k < inner; ++k) out[k] = plain_value<kind>(panel, k * k_panel_outputs + output);
}

}  // namespace unpack_detail

EIGENFORMER_INLINE void unpack_panel(PanelKind kind, const std::byte* panel, std::size_t first, std::size_t count,
                                     float* out) {
  using namespace unpack_detail;
  switch (kind) {
    case PanelKind::f32: return unpack_plain<PanelKind::f32>(panel, first, count, out);
    case PanelKind::f16: return unpack_plain<PanelKind::f16>(panel, first, count, out);
    case PanelKind::bf16: return unpack_plain<PanelKind::bf16>(panel, first, count, out);
    case PanelKind::q4_minimum: return unpack_blocks<PanelKind::q4_minimum>(panel, first, count, out);
    case PanelKind::q4_centered: return unpack_blocks<PanelKind::q4_centered>(panel, first, count, out);
    case PanelKind::q8: return unpack_blocks<PanelKind::q8>(panel, first, count, out);
    case PanelKind::q8_minimum: return unpack_blocks<PanelKind::q8_minimum>(panel, first, count, out);
    case PanelKind::q4_k: return unpack_blocks<PanelKind::q4_k>(panel, first, count, out);
    case PanelKind::q6_k: return unpack_blocks<PanelKind::q6_k>(panel, first, count, out);
    case PanelKind::q2_k: return unpack_blocks<PanelKind::q2_k>(panel, first, count, out);
  }
}

EIGENFORMER_INLINE void unpack_output(PanelKind kind, const std::byte* panel, std::size_t output, std::size_t inner,
                                      float* out) {
  using namespace unpack_detail;
  switch (kind) {
    case PanelKind::f32: return unpack_output_plain<PanelKind::f32>(panel, output, inner, out);
    case PanelKind::f16: return unpack_output_plain<PanelKind::f16>(panel, output, inner, out);
    case PanelKind::bf16: return unpack_output_plain<PanelKind::bf16>(panel, output, inner, out);
    case PanelKind::q4_minimum: return unpack_output_blocks<PanelKind::q4_minimum>(panel, output, inner, out);
    case PanelKind::q4_centered: return unpack_output_blocks<PanelKind::q4_centered>(panel, output, inner, out);
    case PanelKind::q8: return unpack_output_blocks<PanelKind::q8>(panel, output, inner, out);
    case PanelKind::q8_minimum: return unpack_output_blocks<PanelKind::q8_minimum>(panel, output, inner, out);
    case PanelKind::q4_k: return unpack_output_blocks<PanelKind::q4_k>(panel, output, inner, out);
    case PanelKind::q6_k: return unpack_output_blocks<PanelKind::q6_k>(panel, output, inner, out);
    case PanelKind::q2_k: return unpack_output_blocks<PanelKind::q2_k>(panel, output, inner, out);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant
