// Penalties for tokens that are there already.
#pragma once

#include <span>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/logits_processor.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// Tokens of the prompt or the text: score < 0 ? score * penalty : score / penalty, once for each token.
/// https://arxiv.org/abs/1909.05858, section 4.1; transformers' RepetitionPenaltyLogitsProcessor.
class RepetitionPenalty : public LogitsProcessor {
 public:
  explicit RepetitionPenalty(float penalty) : penalty_(penalty) {}
  void process(const ProcessedText& text, std::span<float> scores) const override;

 private:
  float penalty_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/processors/penalties-inl.hpp"
#endif
