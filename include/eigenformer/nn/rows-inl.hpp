#pragma once

#include <algorithm>
#include <string>

#include "eigenformer/error.hpp"
#include "eigenformer/nn/rows.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

EIGENFORMER_INLINE std::vector<RowRun> runs_of(const Batch& batch) {
  std::vector<RowRun> runs;
  std::vector<bool> seen(batch.sequences.size(), false);
  for (std::uint32_t index = 0; index < batch.rows.size(); ++index) {
    const Row& row = batch.rows[index];
    const std::string where = "row " + std::to_string(index);
    if (row.sequence >= batch.sequences.size()) {
      throw ShapeError({.id = "shape.row_sequence",
                        .expected = "a sequence below " + std::to_string(batch.sequences.size()),
                        .found = std::to_string(row.sequence),
                        .where = where,
                        .remedy = "pass the sequences of all rows"});
    }
    if (!runs.empty() && runs.back().sequence == row.sequence) {
      if (row.slot <= batch.rows[index - 1].slot) {
        throw ShapeError(
            {.id = "shape.row_order",
             .expected = "slots that ascend within a sequence",
             .found = "slot " + std::to_string(row.slot) + " after " + std::to_string(batch.rows[index - 1].slot),
             .where = where,
             .remedy = "order the rows of a sequence by slot"});
      }
      ++runs.back().row_count;
      continue;
    }
    if (seen[row.sequence]) {
      throw ShapeError({.id = "shape.rows_apart",
                        .expected = "the rows of a sequence side by side",
                        .found = "sequence " + std::to_string(row.sequence) + " in two places",
                        .where = where,
                        .remedy = "order the rows by sequence"});
    }
    seen[row.sequence] = true;
    runs.push_back({row.sequence, index, 1});
  }
  return runs;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
