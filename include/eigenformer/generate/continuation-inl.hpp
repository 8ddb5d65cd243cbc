#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/generate/continuation.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE Continuation::Continuation(Sequence sequence, const DecodingPlan& plan)
    : sequence_(std::move(sequence)), prompt_tokens_(sequence_.ids.size()), plan_(plan), sampler_(plan.sampling) {
  if (plan_.guidance) guidance_.emplace(*plan_.guidance, sequence_.ids);
}

EIGENFORMER_INLINE Continuation Continuation::fork(std::uint32_t index) const {
  Continuation other = *this;
  other.sampler_.set_sequence(index);
  return other;
}

EIGENFORMER_INLINE TokenId Continuation::choose(std::span<const float> logits, SamplingBuffers& buffers) {
  if (guidance_) logits = guidance_->guide(logits, new_ids());
  Choice choice = sampler_.choose(
      logits, {.ids = sequence_.ids, .prompt_tokens = prompt_tokens_, .source_ids = sequence_.source_ids}, buffers);
  sequence_.ids.push_back(choice.id);
  sampler_.learn(choice);
  score_ += choice.log_probability;
  if (plan_.reports_probabilities) {
    log_probabilities_.push_back(choice.log_probability);
    if (plan_.sampling.alternatives > 0) alternatives_.push_back(std::move(choice.alternatives));
  }
  if (is_end_token(choice.id)) {
    reason_ = FinishReason::end_token;
  } else if (sequence_.ids.size() >= plan_.length) {
    reason_ = FinishReason::length;
  }
  return choice.id;
}

EIGENFORMER_INLINE Choice Continuation::would_choose(std::span<const TokenId> ids, std::span<const float> logits,
                                                     SamplingBuffers& buffers) const {
  Sampler sampler = sampler_;
  sampler.want_probability();
  return sampler.choose(logits, {.ids = ids, .prompt_tokens = prompt_tokens_, .source_ids = sequence_.source_ids},
                        buffers);
}

EIGENFORMER_INLINE bool Continuation::is_end_token(TokenId token) const noexcept {
  return std::binary_search(plan_.end_tokens.begin(), plan_.end_tokens.end(), token);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
