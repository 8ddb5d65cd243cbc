#pragma once

#include <utility>

#include "eigenformer/generate/guidance.hpp"
#include "eigenformer/generate/processors/filters.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE Guidance::Guidance(const GuidancePlan& plan, const ModelState& model,
                                      std::span<const TokenId> prompt)
    : scale_(static_cast<float>(plan.scale)), sequence_{nn::KvCache(model.cache_layout), plan.prompt} {
  if (sequence_.ids.empty()) sequence_.ids = {prompt.back()};  // as transformers does
  prompt_tokens_ = sequence_.ids.size();
}

EIGENFORMER_INLINE void Guidance::follow(std::span<const TokenId> new_ids) {
  std::vector<TokenId> ids(sequence_.ids.begin(), sequence_.ids.begin() + static_cast<std::ptrdiff_t>(prompt_tokens_));
  ids.insert(ids.end(), new_ids.begin(), new_ids.end());
  replace_prompt(sequence_, std::move(ids));
}

EIGENFORMER_INLINE std::span<const float> Guidance::guide(std::span<const float> logits,
                                                          std::span<const float> unconditional) {
  scores_.assign(logits.begin(), logits.end());
  unconditional_.assign(unconditional.begin(), unconditional.end());
  LogSoftmax().process({}, scores_);
  LogSoftmax().process({}, unconditional_);
  for (std::size_t id = 0; id < scores_.size(); ++id) {
    scores_[id] = scale_ * (scores_[id] - unconditional_[id]) + unconditional_[id];
  }
  return scores_;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
