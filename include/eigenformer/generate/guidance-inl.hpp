#pragma once

#include <algorithm>

#include "eigenformer/generate/guidance.hpp"
#include "eigenformer/generate/processors/filters.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE Guidance::Guidance(const GuidancePlan& plan, std::span<const TokenId> prompt)
    : scale_(plan.scale),
      forward_(std::make_shared<Forward>(*plan.model)),
      sequence_{nn::KvCache(plan.model->cache_layout), plan.prompt} {
  if (sequence_.ids.empty()) sequence_.ids = {prompt.back()};  // as transformers does
  prompt_tokens_ = sequence_.ids.size();
}

EIGENFORMER_INLINE void Guidance::compute(std::span<const TokenId> new_ids) {
  const std::size_t known = sequence_.ids.size() - prompt_tokens_;
  sequence_.ids.insert(sequence_.ids.end(), new_ids.begin() + static_cast<std::ptrdiff_t>(known), new_ids.end());
  if (computed_ == sequence_.ids.size()) return;
  forward_->run(sequence_, {});
  const std::span<const float> logits = forward_->logits(0);
  unconditional_.assign(logits.begin(), logits.end());
  LogSoftmax().process({}, unconditional_);
  computed_ = sequence_.ids.size();
}

EIGENFORMER_INLINE void Guidance::go_back(std::size_t count) {
  const std::size_t size = std::min(prompt_tokens_ + count, sequence_.ids.size());
  if (size == computed_) return;  // what follows is known
  sequence_.ids.resize(size);
  sequence_.forget_computed(std::min(sequence_.cache.size(), size - 1));
  computed_ = 0;
}

EIGENFORMER_INLINE std::span<const float> Guidance::guide(std::span<const float> logits,
                                                          std::span<const TokenId> new_ids) {
  compute(new_ids);
  scores_.assign(logits.begin(), logits.end());
  LogSoftmax().process({}, scores_);
  const auto scale = static_cast<float>(scale_);
  for (std::size_t id = 0; id < scores_.size(); ++id) {
    scores_[id] = scale * (scores_[id] - unconditional_[id]) + unconditional_[id];
  }
  return scores_;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
