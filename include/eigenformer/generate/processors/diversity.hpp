// Groups of beams that keep apart.
#pragma once

#include <span>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/logits_processor.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// score - penalty for each beam of earlier groups that has taken the token at the same place.
/// https://arxiv.org/abs/1610.02424, section 4; transformers' HammingDiversityLogitsProcessor.
class HammingDiversity : public LogitsProcessor {
 public:
  explicit HammingDiversity(float penalty) : penalty_(penalty) {}
  void process(const ProcessedText& text, std::span<float> scores) const override;

 private:
  float penalty_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/processors/diversity-inl.hpp"
#endif
