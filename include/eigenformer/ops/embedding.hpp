// Embedding lookup: row `id` of a table, exactly as its file's format decodes it. On a single row use
// quant::decode_row.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/tensor_view.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/ops/check.hpp"
#include "eigenformer/quant/pack.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

/// table [count, width], ids [rows] -> output [rows, width]. Throws ShapeError "shape.operand" and
/// "shape.embedding_id".
inline void embed(const quant::PackedMatrix& table, std::span<const std::int32_t> ids, MatrixView output) {
  require_shape("embed, output", {static_cast<std::int64_t>(ids.size()), static_cast<std::int64_t>(table.inner())},
                shape_of(output));
  for (std::size_t row = 0; row < ids.size(); ++row) {
    if (ids[row] < 0 || static_cast<std::size_t>(ids[row]) >= table.outputs()) {
      throw ShapeError({.id = "shape.embedding_id",
                        .expected = "an id below " + std::to_string(table.outputs()),
                        .found = std::to_string(ids[row]),
                        .where = "embed, row " + std::to_string(row),
                        .remedy = "use the tokenizer that belongs to the model"});
    }
    quant::decode_row(table, static_cast<std::size_t>(ids[row]),
                      {row_of(output, static_cast<Eigen::Index>(row)), table.inner()});
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops
