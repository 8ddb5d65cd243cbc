// One sequence that is being written: what it has, how it chooses, when it ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/decoding_plan.hpp"
#include "eigenformer/generate/sampler.hpp"
#include "eigenformer/generate/sequence.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

class Continuation {
 public:
  /// `sequence` holds the prompt.
  Continuation(Sequence sequence, const DecodingPlan& plan);

  /// The same past, to be continued as sequence number `index` of the request. Shares the cache's pages.
  Continuation fork(std::uint32_t index) const;

  /// What the tokens until a place have come to, besides themselves.
  struct Past {
    std::size_t tokens = 0;  ///< the prompt's included
    double score = 0;
    double most_surprise = 0;  ///< Sampler::most_surprise
  };

  /// Appends the token that follows, which is then pending; may be the end. None where those that were taken back at
  /// this place were the last that might come. Throws NumericError, UsageError.
  std::optional<TokenId> choose(std::span<const float> logits, SamplingBuffers& buffers);
  /// What there is now.
  Past past() const noexcept { return {sequence_.ids.size(), score_, sampler_.most_surprise()}; }
  /// Takes back the tokens that have come since, of which there is one at least: the first is never chosen again behind
  /// those before it. What the cache has of them stays until the sequence forgets it.
  void take_back(const Past& past);
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
  /// its probability. None as of choose().
  std::optional<Choice> would_choose(std::span<const TokenId> ids, std::span<const float> logits,
                                     SamplingBuffers& buffers) const;

 private:
  /// What has been taken back at a place of the text.
  struct TakenBack {
    std::uint32_t attempts = 0;
    std::vector<TokenId> banned = {};  ///< behind the tokens that are before it now
  };
  ProcessedText text_of(std::span<const TokenId> ids) const;
  static std::optional<Choice> choose(const Sampler& sampler, std::span<const float> logits, const ProcessedText& text,
                                      SamplingBuffers& buffers);

  Sequence sequence_;
  std::size_t prompt_tokens_;
  DecodingPlan plan_;
  Sampler sampler_;
  double score_ = 0;
  std::vector<double> log_probabilities_;
  std::vector<std::vector<LikelyToken>> alternatives_;
  std::map<std::size_t, TakenBack> taken_back_;  // by place
  std::optional<FinishReason> reason_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/continuation-inl.hpp"
#endif
