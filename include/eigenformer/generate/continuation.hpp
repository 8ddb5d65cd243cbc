// One sequence that is being written: what it has, how it chooses, when it ends.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/decoding_plan.hpp"
#include "eigenformer/generate/guidance.hpp"
#include "eigenformer/generate/sampler.hpp"
#include "eigenformer/generate/sequence.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

class Continuation {
 public:
  /// `sequence` holds the prompt.
  Continuation(Sequence sequence, const DecodingPlan& plan);

  /// The same past, to be continued as sequence number `index` of the request. Shares the cache's pages.
  Continuation fork(std::uint32_t index) const;

  /// Appends the token that follows, which is then pending; may be the end. Throws NumericError.
  TokenId choose(std::span<const float> logits, SamplingBuffers& buffers);
  /// Ends it from outside.
  void end(FinishReason reason) noexcept { reason_ = reason; }

  Sequence& sequence() noexcept { return sequence_; }
  const Sequence& sequence() const noexcept { return sequence_; }
  std::span<const TokenId> new_ids() const noexcept { return std::span(sequence_.ids).subspan(prompt_tokens_); }
  bool finished() const noexcept { return reason_.has_value(); }
  std::optional<FinishReason> reason() const noexcept { return reason_; }
  /// Whether a token is one that ends it, and so is no part of the text.
  bool is_end_token(TokenId token) const noexcept;
  double score() const noexcept { return score_; }
  /// Of each new token, where the plan asks for them.
  const std::vector<double>& log_probabilities() const noexcept { return log_probabilities_; }
  const std::vector<std::vector<LikelyToken>>& alternatives() const noexcept { return alternatives_; }
  /// How many tokens may follow; at least one while it is not finished.
  std::size_t tokens_left() const noexcept { return plan_.length - sequence_.ids.size(); }
  /// What would be chosen after `ids` in the place of this sequence's own: where these go on with guesses, say. With
  /// its probability.
  Choice would_choose(std::span<const TokenId> ids, std::span<const float> logits, SamplingBuffers& buffers) const;

 private:
  Sequence sequence_;
  std::size_t prompt_tokens_;
  DecodingPlan plan_;
  Sampler sampler_;
  std::optional<Guidance> guidance_;
  double score_ = 0;
  std::vector<double> log_probabilities_;
  std::vector<std::vector<LikelyToken>> alternatives_;
  std::optional<FinishReason> reason_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/continuation-inl.hpp"
#endif
