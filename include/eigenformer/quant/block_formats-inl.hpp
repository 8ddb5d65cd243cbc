#pragma once

#include <cstring>

#include "eigenformer/quant/block_formats.hpp"
#include "eigenformer/quant/plain.hpp"
#include "eigenformer/quant/q4_0.hpp"
#include "eigenformer/quant/q4_1.hpp"
#include "eigenformer/quant/q8_0.hpp"
#include "eigenformer/quant/quantize_q4_1.hpp"
#include "eigenformer/quant/quantize_q8_0.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

namespace block_formats_detail {

template <class Block, void (*decode_block)(const std::byte*, float*)>
void decode_blocks(const std::byte* blocks, std::size_t count, float* out) {
  for (std::size_t i = 0; i < count; ++i) decode_block(blocks + i * sizeof(Block), out + i * k_block);
}

template <PanelKind kind, bool (*pack_block)(const PanelRows&, std::size_t, std::byte*)>
bool pack_blocks(const PanelRows& rows, std::size_t count, std::byte* panel) {
  bool finite = true;
  for (std::size_t i = 0; i < count; ++i) finite &= pack_block(rows, i, panel + i * panel_block_bytes(kind));
  return finite;
}

template <class Block, void (*quantize_block)(const float*, std::byte*)>
void quantize_blocks(const float* values, std::size_t count, std::byte* blocks) {
  for (std::size_t i = 0; i < count; ++i) quantize_block(values + i * k_block, blocks + i * sizeof(Block));
}

inline constexpr BlockFormat k_formats[] = {
    {DataType::q4_0, PanelKind::q4_centered, decode_blocks<q4_0::Block, q4_0::decode_block>,
     pack_blocks<PanelKind::q4_centered, q4_0::pack_block>, nullptr},
    {DataType::q4_1, PanelKind::q4_minimum, decode_blocks<q4_1::Block, q4_1::decode_block>,
     pack_blocks<PanelKind::q4_minimum, q4_1::pack_block>, quantize_blocks<q4_1::Block, q4_1::quantize_block>},
    {DataType::q8_0, PanelKind::q8, decode_blocks<q8_0::Block, q8_0::decode_block>,
     pack_blocks<PanelKind::q8, q8_0::pack_block>, quantize_blocks<q8_0::Block, q8_0::quantize_block>},
};

template <class T>
void decode_plain(const std::byte* bytes, std::size_t count, float* out) {
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<float>(load<T>(bytes + i * sizeof(T)));
}

}  // namespace block_formats_detail

EIGENFORMER_INLINE const BlockFormat* find_block_format(DataType type) {
  for (const BlockFormat& format : block_formats_detail::k_formats) {
    if (format.type == type) return &format;
  }
  return nullptr;
}

EIGENFORMER_INLINE void decode_values(DataType type, const std::byte* bytes, std::size_t count, float* out) {
  using namespace block_formats_detail;
  switch (type) {
    case DataType::f32: std::memcpy(out, bytes, count * sizeof(float)); return;
    case DataType::f16:
      for (std::size_t i = 0; i < count; ++i) out[i] = load_half(bytes + 2 * i);
      return;
    case DataType::bf16:
      for (std::size_t i = 0; i < count; ++i) out[i] = float_from_bfloat16(load<std::uint16_t>(bytes + 2 * i));
      return;
    case DataType::i8: return decode_plain<std::int8_t>(bytes, count, out);
    case DataType::u8: return decode_plain<std::uint8_t>(bytes, count, out);
    case DataType::i16: return decode_plain<std::int16_t>(bytes, count, out);
    case DataType::i32: return decode_plain<std::int32_t>(bytes, count, out);
    case DataType::i64: return decode_plain<std::int64_t>(bytes, count, out);
    case DataType::f64: return decode_plain<double>(bytes, count, out);
    case DataType::boolean:
      for (std::size_t i = 0; i < count; ++i) out[i] = bytes[i] == std::byte{0} ? 0.0F : 1.0F;
      return;
    case DataType::q4_0:
    case DataType::q4_1:
    case DataType::q8_0: return find_block_format(type)->decode(bytes, count / k_block, out);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant
