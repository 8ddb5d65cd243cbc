#pragma once

#include <cstdint>
#include <cstring>

#include "eigenformer/quant/plain.hpp"
#include "eigenformer/quant/unpack.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

namespace unpack_detail {

/// The code at k (0..31) of one output, in a block's groups.
inline int nibble(const std::byte* groups, std::size_t k, std::size_t output) {
  const auto both = static_cast<unsigned>(groups[32 * (k / 4) + 4 * (output % 8) + k % 4]);
  return static_cast<int>(output < 8 ? both & 0x0FU : both >> 4U);
}

inline int signed_byte(const std::byte* groups, std::size_t k, std::size_t output) {
  return static_cast<std::int8_t>(groups[64 * (k / 4) + 4 * output + k % 4]);
}

/// The value of one code, in the roundings of the file's format.
template <PanelKind kind>
float block_value(const std::byte* block, std::size_t k, std::size_t output, float scale, float minimum) {
  if constexpr (kind == PanelKind::q4_minimum) {
    return scale * static_cast<float>(nibble(block + 64, k, output)) + minimum;
  } else if constexpr (kind == PanelKind::q4_centered) {
    return scale * static_cast<float>(nibble(block + 32, k, output) - 8);
  } else {
    return scale * static_cast<float>(signed_byte(block + 32, k, output));
  }
}

template <PanelKind kind>
float block_minimum(const std::byte* block, std::size_t output) {
  if constexpr (kind == PanelKind::q4_minimum) return load_half(block + 32 + 2 * output);
  return 0.0F;
}

/// All sixteen outputs of one block: out [32][16].
template <PanelKind kind>
void unpack_block(const std::byte* block, float* out) {
  float scales[k_panel_outputs];
  float minimums[k_panel_outputs];
  for (std::size_t output = 0; output < k_panel_outputs; ++output) {
    scales[output] = load_half(block + 2 * output);
    minimums[output] = block_minimum<kind>(block, output);
  }
  for (std::size_t k = 0; k < k_block; ++k) {
    float* const row = out + k * k_panel_outputs;
    for (std::size_t output = 0; output < k_panel_outputs; ++output) {
      row[output] = block_value<kind>(block, k, output, scales[output], minimums[output]);
    }
  }
}

template <PanelKind kind>
void unpack_blocks(const std::byte* panel, std::size_t first, std::size_t count, float* out) {
  for (std::size_t i = 0; i < count; ++i) {
    unpack_block<kind>(panel + (first + i) * panel_block_bytes(kind), out + i * k_block * k_panel_outputs);
  }
}

template <PanelKind kind>
void unpack_output_blocks(const std::byte* panel, std::size_t output, std::size_t blocks, float* out) {
  for (std::size_t i = 0; i < blocks; ++i) {
    const std::byte* const block = panel + i * panel_block_bytes(kind);
    const float scale = load_half(block + 2 * output);
    const float minimum = block_minimum<kind>(block, output);
    for (std::size_t k = 0; k < k_block; ++k)
      out[i * k_block + k] = block_value<kind>(block, k, output, scale, minimum);
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
  }
}

EIGENFORMER_INLINE void unpack_output(PanelKind kind, const std::byte* panel, std::size_t output, std::size_t inner,
                                      float* out) {
  using namespace unpack_detail;
  const std::size_t blocks = inner / k_block;
  switch (kind) {
    case PanelKind::f32: return unpack_output_plain<PanelKind::f32>(panel, output, inner, out);
    case PanelKind::f16: return unpack_output_plain<PanelKind::f16>(panel, output, inner, out);
    case PanelKind::bf16: return unpack_output_plain<PanelKind::bf16>(panel, output, inner, out);
    case PanelKind::q4_minimum: return unpack_output_blocks<PanelKind::q4_minimum>(panel, output, blocks, out);
    case PanelKind::q4_centered: return unpack_output_blocks<PanelKind::q4_centered>(panel, output, blocks, out);
    case PanelKind::q8: return unpack_output_blocks<PanelKind::q8>(panel, output, blocks, out);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant
