#pragma once

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>

#include "eigenformer/error.hpp"
#include "eigenformer/nn/rows.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

EIGENFORMER_INLINE void BatchRuns::assign(const Batch& batch) {
  runs_.clear();
  seen_.assign(batch.sequences.size(), false);
  for (std::uint32_t row = 0; row < batch.rows.size(); ++row) append(batch, row);
  require_caches_of_their_own(batch);
}

EIGENFORMER_INLINE void BatchRuns::append(const Batch& batch, std::uint32_t index) {
  const auto where = [index] { return "row " + std::to_string(index); };
  const Row& row = batch.rows[index];
  if (row.sequence >= batch.sequences.size()) {
    throw ShapeError({.id = "shape.row_sequence",
                      .expected = "a sequence below " + std::to_string(batch.sequences.size()),
                      .found = std::to_string(row.sequence),
                      .where = where(),
                      .remedy = "pass the sequences of all rows"});
  }
  if (!runs_.empty() && runs_.back().sequence == row.sequence) {
    if (row.slot <= batch.rows[index - 1].slot) {
      throw ShapeError(
          {.id = "shape.row_order",
           .expected = "slots that ascend within a sequence",
           .found = "slot " + std::to_string(row.slot) + " after " + std::to_string(batch.rows[index - 1].slot),
           .where = where(),
           .remedy = "order the rows of a sequence by slot"});
    }
    ++runs_.back().row_count;
    return;
  }
  if (seen_[row.sequence]) {
    throw ShapeError({.id = "shape.rows_apart",
                      .expected = "the rows of a sequence side by side",
                      .found = "sequence " + std::to_string(row.sequence) + " in two places",
                      .where = where(),
                      .remedy = "order the rows by sequence"});
  }
  seen_[row.sequence] = true;
  runs_.push_back({row.sequence, index, 1});
}

EIGENFORMER_INLINE void BatchRuns::require_caches_of_their_own(const Batch& batch) {
  if (runs_.size() < 2) return;
  caches_.clear();
  for (const RowRun& run : runs_) caches_.emplace_back(batch.sequences[run.sequence].cache, run.sequence);
  std::sort(caches_.begin(), caches_.end(), [](const auto& left, const auto& right) {
    return left.first != right.first ? std::less<>()(left.first, right.first) : left.second < right.second;
  });
  const auto twice = std::adjacent_find(caches_.begin(), caches_.end(), [](const auto& left, const auto& right) {
    return left.first != nullptr && left.first == right.first;
  });
  if (twice == caches_.end()) return;
  throw ShapeError(
      {.id = "shape.cache_shared",
       .expected = "a cache of its own for each sequence",
       .found = "one cache for two",
       .where = "sequences " + std::to_string(twice->second) + " and " + std::to_string(std::next(twice)->second),
       .remedy = "give each a fork of the cache"});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
