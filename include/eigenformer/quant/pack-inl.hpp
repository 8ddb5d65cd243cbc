#pragma once

#include <algorithm>
#include <string>

#include "eigenformer/error.hpp"
#include "eigenformer/quant/block_formats.hpp"
#include "eigenformer/quant/pack.hpp"
#include "eigenformer/quant/pack_plain.hpp"
#include "eigenformer/quant/quantize_panel.hpp"
#include "eigenformer/quant/unpack.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

namespace pack_detail {

inline PanelKind kind_for(DataType type) {
  switch (type) {
    case DataType::f32: return PanelKind::f32;
    case DataType::f16: return PanelKind::f16;
    case DataType::bf16: return PanelKind::bf16;
    default: break;
  }
  if (const BlockFormat* const format = find_block_format(type)) return format->kind;
  throw WeightError({.id = "weight.type_not_packed",
                     .expected = "a matrix of type " + std::string(k_matrix_types),
                     .found = std::string(data_type_name(type)),
                     .where = {},
                     .remedy = "convert the weights to one of these types"});
}

inline std::size_t row_bytes(DataType type, std::size_t inner) {
  return inner / block_elements(type) * block_bytes(type);
}

/// Rows that the file holds (columns of a transposed one).
inline std::size_t file_rows(const PackSource& source, MatrixSize size) {
  return source.bytes.size() / row_bytes(source.type, size.inner);
}

inline void check_inner(const PackSource& source, MatrixSize size) {
  if (size.inner % block_elements(source.type) == 0 && size.inner != 0 && size.outputs != 0) return;
  throw ShapeError(
      {.id = "shape.pack_inner",
       .expected = "a matrix whose rows are whole blocks of " + std::to_string(block_elements(source.type)) + " values",
       .found = std::to_string(size.outputs) + " rows of " + std::to_string(size.inner) + " values of type " +
                std::string(data_type_name(source.type)),
       .where = {},
       .remedy = "use a file whose shapes fit its config"});
}

inline void check_bytes(const PackSource& source, MatrixSize size) {
  const bool countable =
      size.inner / block_elements(source.type) <= source.bytes.size();  // else bytes of a row may wrap
  const std::size_t rows = countable ? file_rows(source, size) : 0;
  const bool whole = countable && source.bytes.size() == rows * row_bytes(source.type, size.inner);
  if (whole && (rows == size.outputs || !source.options.row_order.empty())) return;
  throw ShapeError({.id = "shape.pack_bytes",
                    .expected = std::to_string(size.outputs) + " rows of " + std::to_string(size.inner) +
                                " values of type " + std::string(data_type_name(source.type)),
                    .found = std::to_string(source.bytes.size()) + " bytes",
                    .where = {},
                    .remedy = "use a file whose shapes fit its config"});
}

inline void check_row_order(const PackSource& source, MatrixSize size) {
  const auto order = source.options.row_order;
  if (order.empty()) return;
  const std::size_t rows = file_rows(source, size);
  const auto outside = std::find_if(order.begin(), order.end(),
                                    [&](std::int32_t row) { return row < 0 || static_cast<std::size_t>(row) >= rows; });
  if (order.size() == size.outputs && outside == order.end()) return;
  throw ShapeError(
      {.id = "shape.pack_row_order",
       .expected =
           "one row below " + std::to_string(rows) + " for each of " + std::to_string(size.outputs) + " outputs",
       .found = outside == order.end() ? std::to_string(order.size()) + " rows" : "row " + std::to_string(*outside),
       .where = {},
       .remedy = "correct the order of rows that the architecture gives"});
}

inline void check_transposed(const PackSource& source) {
  if (!source.options.transposed || block_elements(source.type) == 1) return;
  throw ShapeError({.id = "shape.pack_transposed",
                    .expected = "a transposed matrix of type F32, F16 or BF16",
                    .found = std::string(data_type_name(source.type)) + ", whose blocks lie along the rows",
                    .where = {},
                    .remedy = "use a file that keeps this matrix as [outputs, inner]"});
}

/// The file's row of an output; null beyond the last.
inline const std::byte* row_of(const PackSource& source, MatrixSize size, std::size_t output) {
  if (output >= size.outputs) return nullptr;
  const auto order = source.options.row_order;
  const std::size_t row = order.empty() ? output : static_cast<std::size_t>(order[output]);
  const std::size_t step = source.options.transposed ? block_bytes(source.type) : row_bytes(source.type, size.inner);
  return source.bytes.data() + row * step;
}

inline PanelRows rows_of_panel(const PackSource& source, MatrixSize size, std::size_t panel) {
  PanelRows rows;
  for (std::size_t i = 0; i < k_panel_outputs; ++i) {
    rows.row[i] = row_of(source, size, panel * k_panel_outputs + i);
  }
  return rows;
}

/// One panel, by way of what the file has and what it becomes.
inline PackFindings pack_panel(const PackSource& source, MatrixSize size, std::size_t index, std::byte* panel) {
  const PanelRows rows = rows_of_panel(source, size, index);
  if (const BlockFormat* const format = find_block_format(source.type)) {
    return {.finite = format->pack(rows, size.inner / block_elements(source.type), panel)};
  }
  const PlainRows layout{.inner = size.inner, .step = source.options.transposed ? file_rows(source, size) : 1};
  const DataType type = packed_type(source, size.inner);
  if (type == source.type) return {.finite = pack_plain(type, rows, layout, panel)};
  return quantize_panel(source.type, rows, layout, *find_block_format(type), panel);
}

[[noreturn]] inline void raise_not_finite() {
  throw NumericError({.id = "numeric.weight_not_finite",
                      .expected = "weights that are finite numbers",
                      .found = "one that is infinite or not a number",
                      .where = {},
                      .remedy = "download the file again, or use another conversion of this model"});
}

[[noreturn]] inline void raise_beyond_half() {
  throw NumericError({.id = "numeric.weight_beyond_half",
                      .expected = "weights whose blocks have scales and minimums of at most 65504",
                      .found = "a block with a larger one",
                      .where = {},
                      .remedy = "load the model with its weights as they are"});
}

}  // namespace pack_detail

EIGENFORMER_INLINE bool can_pack(DataType type) {
  return type == DataType::f32 || type == DataType::f16 || type == DataType::bf16 || find_block_format(type) != nullptr;
}

EIGENFORMER_INLINE DataType packed_type(const PackSource& source, std::size_t inner) {
  const bool is_plain = source.type == DataType::f32 || source.type == DataType::f16 || source.type == DataType::bf16;
  return source.quantized_type && is_plain && inner % k_block == 0 ? *source.quantized_type : source.type;
}

EIGENFORMER_INLINE PackedMatrix make_packed(const PackSource& source, MatrixSize size, PanelMemory& memory) {
  const PanelKind kind = pack_detail::kind_for(packed_type(source, size.inner));
  pack_detail::check_inner(source, size);
  pack_detail::check_bytes(source, size);
  pack_detail::check_row_order(source, size);
  pack_detail::check_transposed(source);
  return {kind, size, memory};
}

EIGENFORMER_INLINE PackedMatrix measure_packed(const PackSource& source, MatrixSize size) {
  const PanelKind kind = pack_detail::kind_for(packed_type(source, size.inner));
  pack_detail::check_inner(source, size);
  pack_detail::check_transposed(source);
  return {kind, size};
}

EIGENFORMER_INLINE void pack_panels(PackedMatrix& matrix, const PackSource& source, std::size_t first_panel,
                                    std::size_t count) {
  const MatrixSize size{matrix.outputs(), matrix.inner()};
  for (std::size_t index = first_panel; index < first_panel + count; ++index) {
    const PackFindings found = pack_detail::pack_panel(source, size, index, matrix.panel(index));
    if (!found.finite) pack_detail::raise_not_finite();
    if (!found.fits_halves) pack_detail::raise_beyond_half();
  }
}

EIGENFORMER_INLINE PackedMatrix pack(std::span<const std::byte> bytes, DataType type, std::size_t outputs,
                                     std::size_t inner, const PackOptions& options) {
  const PackSource source{bytes, type, options};
  PanelMemory memory;
  PackedMatrix matrix = make_packed(source, {.outputs = outputs, .inner = inner}, memory);
  pack_panels(matrix, source, 0, matrix.panels());
  return matrix;
}

EIGENFORMER_INLINE void decode_row(const PackedMatrix& matrix, std::size_t output, std::span<float> out) {
  unpack_output(matrix.kind(), matrix.panel(output / k_panel_outputs), output % k_panel_outputs, matrix.inner(),
                out.data());
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant
