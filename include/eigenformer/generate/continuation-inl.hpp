#pragma once

#include <algorithm>
#include <iterator>
#include <utility>

#include "eigenformer/generate/continuation.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE Continuation::Continuation(Sequence sequence, const DecodingPlan& plan)
    : sequence_(std::move(sequence)), prompt_tokens_(sequence_.ids.size()), plan_(plan), sampler_(plan.sampling) {}

EIGENFORMER_INLINE Continuation Continuation::fork(std::uint32_t index) const {
  Continuation other = *this;
  other.sampler_.set_sequence(index);
  return other;
}

EIGENFORMER_INLINE ProcessedText Continuation::text_of(std::span<const TokenId> ids) const {
  ProcessedText text{.ids = ids, .prompt_tokens = prompt_tokens_, .source_ids = sequence_.source_ids};
  if (const auto place = taken_back_.find(ids.size()); place != taken_back_.end()) {
    text.attempt = place->second.attempts;
    text.banned_tokens = place->second.banned;
  }
  return text;
}

EIGENFORMER_INLINE std::optional<Choice> Continuation::choose(const Sampler& sampler, std::span<const float> logits,
                                                              const ProcessedText& text, SamplingBuffers& buffers) {
  if (!text.banned_tokens.empty() && !sampler.leaves_a_token(logits, text, buffers)) return std::nullopt;
  return sampler.choose(logits, text, buffers);
}

EIGENFORMER_INLINE std::optional<TokenId> Continuation::choose(std::span<const float> logits,
                                                               SamplingBuffers& buffers) {
  std::optional<Choice> choice = choose(sampler_, logits, text_of(sequence_.ids), buffers);
  if (!choice) return std::nullopt;
  sequence_.ids.push_back(choice->id);
  sampler_.learn(*choice);
  score_ += choice->log_probability;
  if (plan_.reports_probabilities) {
    log_probabilities_.push_back(choice->log_probability);
    if (plan_.sampling.alternatives > 0) alternatives_.push_back(std::move(choice->alternatives));
  }
  if (is_end_token(choice->id)) {
    reason_ = FinishReason::end_token;
  } else if (sequence_.ids.size() >= plan_.length) {
    reason_ = FinishReason::length;
  }
  return choice->id;
}

EIGENFORMER_INLINE void Continuation::take_back(const Past& past) {
  for (std::size_t place = past.tokens; place < sequence_.ids.size(); ++place) ++taken_back_[place].attempts;
  const auto first = taken_back_.find(past.tokens);
  first->second.banned.push_back(sequence_.ids[past.tokens]);
  for (auto later = std::next(first); later != taken_back_.end(); ++later) later->second.banned.clear();
  const std::size_t kept = past.tokens - prompt_tokens_;
  sequence_.ids.resize(past.tokens);
  log_probabilities_.resize(std::min(log_probabilities_.size(), kept));
  alternatives_.resize(std::min(alternatives_.size(), kept));
  score_ = past.score;
  sampler_.set_most_surprise(past.most_surprise);
  reason_.reset();
}

EIGENFORMER_INLINE std::optional<Choice> Continuation::would_choose(std::span<const TokenId> ids,
                                                                    std::span<const float> logits,
                                                                    SamplingBuffers& buffers) const {
  Sampler sampler = sampler_;
  sampler.want_probability();
  return choose(sampler, logits, text_of(ids), buffers);
}

EIGENFORMER_INLINE bool Continuation::is_end_token(TokenId token) const noexcept {
  return std::binary_search(plan_.end_tokens.begin(), plan_.end_tokens.end(), token);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
