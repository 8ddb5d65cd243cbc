#pragma once

#include <cstring>

#include "eigenformer/quant/block_formats.hpp"
#include "eigenformer/quant/iq4_nl.hpp"
#include "eigenformer/quant/iq4_xs.hpp"
#include "eigenformer/quant/mxfp4.hpp"
#include "eigenformer/quant/plain.hpp"
#include "eigenformer/quant/q2_k.hpp"
#include "eigenformer/quant/q3_k.hpp"
#include "eigenformer/quant/q4_0.hpp"
#include "eigenformer/quant/q4_1.hpp"
#include "eigenformer/quant/q4_k.hpp"
#include "eigenformer/quant/q5_0.hpp"
#include "eigenformer/quant/q5_1.hpp"
#include "eigenformer/quant/q5_k.hpp"
#include "eigenformer/quant/q6_k.hpp"
#include "eigenformer/quant/q8_0.hpp"
#include "eigenformer/quant/quantize_q4_1.hpp"
#include "eigenformer/quant/quantize_q8_0.hpp"
#include "eigenformer/quant/unpacked_block.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

namespace block_formats_detail {

template <class Block, void (*decode_block)(const std::byte*, float*)>
void decode_blocks(const std::byte* blocks, std::size_t count, float* out) {
  for (std::size_t i = 0; i < count; ++i) decode_block(blocks + i * sizeof(Block), out + i * k_block);
}

template <PanelKind kind, bool (*pack_block)(const PanelRows&, std::size_t, std::byte*)>
bool pack_blocks(const PanelRows& rows, std::size_t count, std::byte* panel) {
  bool finite = true;
  for (std::size_t i = 0; i < count; ++i) finite &= pack_block(rows, i, panel + i * superblock_bytes(kind));
  return finite;
}

template <class Block, void (*quantize_block)(const float*, std::byte*)>
void quantize_blocks(const float* values, std::size_t count, std::byte* blocks) {
  for (std::size_t i = 0; i < count; ++i) quantize_block(values + i * k_block, blocks + i * sizeof(Block));
}

/// A format whose blocks are unpacked first: into panels of `kind`, `values` values from one block.
template <class Block, PanelKind kind, std::size_t values, void (*unpack_block)(const std::byte*, UnpackedBlock&)>
struct UnpackedFormat {
  static void decode(const std::byte* blocks, std::size_t count, float* out) {
    UnpackedBlock block;
    for (std::size_t i = 0; i < count; ++i) {
      unpack_block(blocks + i * sizeof(Block), block);
      decode_unpacked<kind, values>(block, out + i * values);
    }
  }

  static bool pack(const PanelRows& rows, std::size_t count, std::byte* panel) {
    bool finite = true;
    UnpackedBlock blocks[k_panel_outputs];  // zeros where there is no row
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t output = 0; output < k_panel_outputs; ++output) {
        if (rows.row[output] != nullptr) unpack_block(rows.row[output] + i * sizeof(Block), blocks[output]);
      }
      finite &= pack_unpacked<kind, values>(blocks, panel + panel_bytes(kind, i * values));
    }
    return finite;
  }

  static constexpr BlockFormat of(DataType type) { return {type, kind, decode, pack, nullptr}; }
};

inline constexpr BlockFormat k_formats[] = {
    {DataType::q4_0, PanelKind::q4_centered, decode_blocks<q4_0::Block, q4_0::decode_block>,
     pack_blocks<PanelKind::q4_centered, q4_0::pack_block>, nullptr},
    {DataType::q4_1, PanelKind::q4_minimum, decode_blocks<q4_1::Block, q4_1::decode_block>,
     pack_blocks<PanelKind::q4_minimum, q4_1::pack_block>, quantize_blocks<q4_1::Block, q4_1::quantize_block>},
    {DataType::q8_0, PanelKind::q8, decode_blocks<q8_0::Block, q8_0::decode_block>,
     pack_blocks<PanelKind::q8, q8_0::pack_block>, quantize_blocks<q8_0::Block, q8_0::quantize_block>},
    UnpackedFormat<q5_0::Block, q5_0::k_kind, q5_0::k_values, q5_0::unpack_block>::of(DataType::q5_0),
    UnpackedFormat<q5_1::Block, q5_1::k_kind, q5_1::k_values, q5_1::unpack_block>::of(DataType::q5_1),
    UnpackedFormat<q2_k::Block, q2_k::k_kind, q2_k::k_values, q2_k::unpack_block>::of(DataType::q2_k),
    UnpackedFormat<q3_k::Block, q3_k::k_kind, q3_k::k_values, q3_k::unpack_block>::of(DataType::q3_k),
    UnpackedFormat<q4_k::Block, q4_k::k_kind, q4_k::k_values, q4_k::unpack_block>::of(DataType::q4_k),
    UnpackedFormat<q5_k::Block, q5_k::k_kind, q5_k::k_values, q5_k::unpack_block>::of(DataType::q5_k),
    UnpackedFormat<q6_k::Block, q6_k::k_kind, q6_k::k_values, q6_k::unpack_block>::of(DataType::q6_k),
    UnpackedFormat<iq4_nl::Block, iq4_nl::k_kind, iq4_nl::k_values, iq4_nl::unpack_block>::of(DataType::iq4_nl),
    UnpackedFormat<iq4_xs::Block, iq4_xs::k_kind, iq4_xs::k_values, iq4_xs::unpack_block>::of(DataType::iq4_xs),
    UnpackedFormat<mxfp4::Block, mxfp4::k_kind, mxfp4::k_values, mxfp4::unpack_block>::of(DataType::mxfp4),
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
    default: return find_block_format(type)->decode(bytes, count / block_elements(type), out);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant
