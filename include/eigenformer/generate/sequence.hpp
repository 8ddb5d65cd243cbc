// A sequence that grows, and the forward passes that it grows by.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "eigenformer/core/cancel_flags.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/model_state.hpp"
#include "eigenformer/nn/kv_cache.hpp"
#include "eigenformer/nn/rows.hpp"
#include "eigenformer/nn/session.hpp"
#include "eigenformer/source_encoding.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// Token ids, and the keys and values of the first cache.size() of them; of an encoder-decoder, those of the decoder. A
/// copy shares the cache's pages and the source.
struct Sequence {
  nn::KvCache cache;
  std::vector<TokenId> ids;
  std::uint32_t frequency_length = 0;        ///< what the cache was computed with (docs/numerics.md, rule 5)
  std::vector<std::int32_t> positions = {};  ///< of the first ids: placed together with those they came with
  std::vector<TokenId> source_ids = {};      ///< what an encoder-decoder's encoder reads
  EncodedSource source = nullptr;            ///< what it made of it; null until the sequence runs

  /// Tokens that the model has not seen yet.
  std::size_t pending() const noexcept { return ids.size() - cache.size(); }
  /// Keeps what was computed of the first `count` tokens.
  void forget_computed(std::size_t count) {
    cache.truncate(count);
    positions.resize(std::min(positions.size(), count));
  }
};

/// Replaces the tokens by those of a new prompt and keeps what the cache has of them: as many tokens as both begin
/// with, but not the last one, whose logits are wanted. Returns how many.
std::size_t replace_prompt(Sequence& sequence, std::vector<TokenId> prompt);

/// What one sequence brings to a step and wants of it.
struct SequenceStep {
  static constexpr std::size_t k_all = std::numeric_limits<std::size_t>::max();

  Sequence* sequence = nullptr;
  std::size_t outputs = 1;     ///< the logits of the last `outputs` tokens that are computed are wanted; 0: none
  std::size_t tokens = k_all;  ///< how many of the pending tokens are computed, from the first on

  /// Tokens that the step computes.
  std::size_t rows() const noexcept { return std::min(tokens, sequence->pending()); }
};

/// How many of `wanted` tokens may be appended to `size` of them before the frequencies that go by the length change.
std::size_t tokens_of_same_frequency(const nn::Network& network, std::size_t size, std::size_t wanted);

struct ForwardLimits {
  std::size_t chunk = 256;  ///< rows in one pass, unless more logits are wanted
  CancelFlags cancel = {};
};

/// Runs sequences through a model, in memory of its own. A model of two streams (nn/two_streams.hpp) predicts by a row
/// of the query stream behind the tokens, and computes the last token anew beside the one that follows it. Any number
/// of sequences may take turns, on one thread at a time. The source of a sequence that has none yet is encoded first,
/// once: copies made after that share it.
class Forward {
 public:
  /// `model` outlives it.
  explicit Forward(const ModelState& model) : model_(model), session_(model.runner()) {}

  /// Computes pending tokens of all these sequences side by side, any number of each, but at least as many as it wants
  /// logits of. What does not fit into a pass of `limits.chunk` rows is computed in passes before, but for the rows
  /// whose logits are wanted: they are one pass. False when cancelled: of each sequence the passes that were done are
  /// in the cache, the rest is still pending.
  ///
  /// A model of two streams computes all that is pending and gives one row of logits for each sequence.
  bool step(std::span<const SequenceStep> steps, const ForwardLimits& limits);
  /// The same for a sequence alone: row 0 of the logits is that of its last token.
  bool run(Sequence& sequence, const ForwardLimits& limits) {
    const SequenceStep alone{.sequence = &sequence};
    return step({&alone, 1}, limits);
  }

  /// [vocabulary], valid until the next step. Rows are in the order of its steps, `outputs` rows each.
  std::span<const float> logits(std::size_t row) const;
  std::size_t bytes() const noexcept { return session_.bytes(); }

 private:
  /// A sequence of the step, and the tokens before `end` that are to be computed.
  struct Part {
    Sequence* sequence;
    std::size_t end;
    std::size_t outputs;

    std::size_t rows() const noexcept { return end - sequence->cache.size(); }
    std::size_t rows_before_outputs() const noexcept { return rows() - outputs; }
  };
  bool prepare(Sequence& sequence, const ForwardLimits& limits);
  void choose_frequencies(Sequence& sequence) const;
  void place(Sequence& sequence);
  bool run_before_outputs(const ForwardLimits& limits);
  bool step_by_queries(std::span<const SequenceStep> steps, const ForwardLimits& limits);
  void clear_rows() noexcept;
  void append_rows(const Part& part, std::size_t count);
  bool run_rows(CancelFlags cancel);

  const ModelState& model_;
  nn::Session session_;
  std::vector<Part> parts_;
  std::vector<nn::Row> rows_;
  std::vector<nn::Row> placed_;
  std::vector<nn::BatchSequence> sequences_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/sequence-inl.hpp"
#endif
