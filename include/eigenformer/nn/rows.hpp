// Rows: what every block sees. A decode step of 32 characters is 32 rows, a chunk of a prompt is n rows of one
// sequence, 32 sentences to embed are the sum of their lengths: there is no padding and no batch dimension.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/kv_cache.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// One row of a ragged batch.
struct Row {
  std::int32_t token = 0;         ///< the id whose embedding goes in ...
  const float* vector = nullptr;  ///< ... or, where this is given, [hidden] floats
  std::uint32_t sequence = 0;     ///< index into Batch::sequences
  std::uint32_t slot = 0;         ///< place in the sequence's cache; also what causal visibility goes by
  std::int32_t position = 0;      ///< what position embeddings and rotations go by
  std::int32_t segment = 0;       ///< token type
  std::int32_t adapter = -1;      ///< index of the adapter, -1 for none
  /// Of the slots that the attention shows it, only those whose bit is set, one word for 32 slots; null: all of them.
  const std::uint32_t* visible_slots = nullptr;
  bool stores_keys = true;      ///< later rows (and this one) may attend to it
  bool wants_output = true;     ///< its logits (or last hidden state) are wanted
  bool attends_evenly = false;  ///< it gives each slot that it sees the same weight (two_streams.hpp)
};

/// One sequence of a batch: its caches, and the length by which frequencies that depend on length are chosen.
struct BatchSequence {
  KvCache* cache = nullptr;            ///< keys and values of the sequence itself
  const KvCache* source = nullptr;     ///< an encoder's keys and values, for cross-attention; null without an encoder
  std::uint32_t frequency_length = 0;  ///< tokens of the whole prompt (docs/numerics.md, rule 5)
};

/// The rows of one step. Rows of the same sequence stand together; their slots go on where its cache ends.
struct Batch {
  std::span<const Row> rows;
  std::span<const BatchSequence> sequences;
};

/// Neighbouring rows of one sequence.
struct RowRun {
  std::uint32_t sequence;
  std::uint32_t first_row;
  std::uint32_t row_count;
};

/// The runs of a batch, in memory that serves the next one too.
class BatchRuns {
 public:
  /// Cuts a batch into its runs. Throws ShapeError "shape.row_sequence", "shape.rows_apart" where rows of one sequence
  /// do not stand together, "shape.row_order" where slots do not ascend, and "shape.cache_shared" where two sequences
  /// would write into the same slots.
  void assign(const Batch& batch);

  std::span<const RowRun> all() const noexcept { return runs_; }

 private:
  void append(const Batch& batch, std::uint32_t row);
  void require_caches_of_their_own(const Batch& batch);

  std::vector<RowRun> runs_;
  std::vector<bool> seen_;  // by sequence
  std::vector<std::pair<const KvCache*, std::uint32_t>> caches_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/rows-inl.hpp"
#endif
