// Classifier-free guidance: away from what the model would say without the prompt.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/sequence.hpp"
#include "eigenformer/model_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// GenerateOptions::guidance_scale, for a prompt.
struct GuidancePlan {
  double scale = 1;
  std::vector<TokenId> prompt = {};  ///< the unconditional one; none: the last token of the prompt
};

/// A second sequence with the same new tokens behind another prompt, which shares the steps of the first. A copy goes
/// on by itself from there, and shares the pages of the cache. https://arxiv.org/abs/2306.17806; transformers'
/// UnbatchedClassifierFreeGuidanceLogitsProcessor.
class Guidance {
 public:
  /// `prompt` has at least one token.
  Guidance(const GuidancePlan& plan, const ModelState& model, std::span<const TokenId> prompt);

  /// Its new tokens are those of the text; what is pending then is the last of them at least.
  void follow(std::span<const TokenId> new_ids);
  /// How many tokens it has then.
  std::size_t tokens_behind(std::span<const TokenId> new_ids) const noexcept { return prompt_tokens_ + new_ids.size(); }
  Sequence& sequence() noexcept { return sequence_; }

  /// scale * (log p - log q) + log q, where p is the distribution of `logits` and q that of `unconditional`, those of
  /// the second sequence at the same place of the text. [vocabulary], valid until the next call.
  std::span<const float> guide(std::span<const float> logits, std::span<const float> unconditional);

 private:
  float scale_;
  Sequence sequence_;
  std::size_t prompt_tokens_;
  std::vector<float> scores_;
  std::vector<float> unconditional_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/guidance-inl.hpp"
#endif
