// A sequence that grows, and the forward passes that it grows by.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

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
};

/// Replaces the tokens by those of a new prompt and keeps what the cache has of them: as many tokens as both begin
/// with, but not the last one, whose logits are wanted. Returns how many.
std::size_t replace_prompt(Sequence& sequence, std::vector<TokenId> prompt);

struct ForwardLimits {
  std::size_t chunk = 256;  ///< tokens in one step
  const std::atomic<bool>* cancel = nullptr;
};

/// Runs sequences through a model, in memory of its own. A model of two streams (nn/two_streams.hpp) predicts by a row
/// of the query stream behind the tokens, and computes the last token anew beside the one that follows it. Any number
/// of sequences may take turns, on one thread at a time. The source of a sequence that has none yet is encoded first,
/// once: copies made after that share it.
class Forward {
 public:
  /// `model` outlives it.
  explicit Forward(const ModelState& model) : model_(model), session_(model.runner()) {}

  /// Computes the pending tokens (at least one) of a sequence, chunk after chunk; row 0 of the logits is then the last
  /// one's. False when cancelled: the chunks that were done are in the cache, the rest is still pending.
  bool run(Sequence& sequence, const ForwardLimits& limits);
  /// Computes the one pending token of each sequence side by side; row i of the logits is that of sequence i. False
  /// when cancelled: nothing has changed.
  bool step(std::span<Sequence* const> sequences, const ForwardLimits& limits);

  /// [vocabulary], valid until the next run or step.
  std::span<const float> logits(std::size_t row) const;
  std::size_t bytes() const noexcept { return session_.bytes(); }

 private:
  bool prepare(Sequence& sequence, const ForwardLimits& limits) const;
  void choose_frequencies(Sequence& sequence) const;
  void place(Sequence& sequence) const;
  bool run_until(Sequence& sequence, std::size_t end, const ForwardLimits& limits);
  bool step_by_queries(std::span<Sequence* const> sequences, const ForwardLimits& limits);
  void clear_rows() noexcept;
  void append_rows(Sequence& sequence, std::size_t count);
  bool run_rows(const std::atomic<bool>* cancel);

  const ModelState& model_;
  nn::Session session_;
  std::vector<nn::Row> rows_;
  std::vector<nn::BatchSequence> sequences_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/sequence-inl.hpp"
#endif
