// The table of formats that a matrix can come in: how a row is decoded, which panels it becomes, how it is packed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/data_type.hpp"
#include "eigenformer/quant/panel.hpp"
#include "eigenformer/quant/panel_rows.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

/// One block format. Adding one is a file with layout, decode and pack, and a row of this table.
struct BlockFormat {
  DataType type;
  PanelKind kind;
  /// `count` blocks to block_elements(type) * count values, rounded as the format's reference does.
  void (*decode)(const std::byte* blocks, std::size_t count, float* out);
  /// The first `count` blocks of the rows to as many values of a panel. False where a scale or minimum is not finite.
  bool (*pack)(const PanelRows& rows, std::size_t count, std::byte* panel);
  /// 32 * count finite values to `count` blocks; null for formats that are only read.
  void (*quantize)(const float* values, std::size_t count, std::byte* blocks);
};

/// The row of a block format; null for plain types.
const BlockFormat* find_block_format(DataType type);

/// `count` values (a whole number of blocks) of any type that files hold to f32.
void decode_values(DataType type, const std::byte* bytes, std::size_t count, float* out);

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/quant/block_formats-inl.hpp"
#endif
