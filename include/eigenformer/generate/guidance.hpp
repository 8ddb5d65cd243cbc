// Classifier-free guidance: away from what the model would say without the prompt.
#pragma once

#include <cstddef>
#include <memory>
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
  const ModelState* model = nullptr;
};

/// A second sequence with the same new tokens behind another prompt. A copy goes on by itself from there, and shares
/// the pages of the cache. https://arxiv.org/abs/2306.17806; transformers'
/// UnbatchedClassifierFreeGuidanceLogitsProcessor.
class Guidance {
 public:
  /// The model outlives it. `prompt` has at least one token.
  Guidance(const GuidancePlan& plan, std::span<const TokenId> prompt);

  /// scale * (log p - log q) + log q, where p is the distribution of `logits` and q that of the second sequence, of
  /// which it computes what is new. [vocabulary], valid until the next call. A cancel waits for it.
  std::span<const float> guide(std::span<const float> logits, std::span<const TokenId> new_ids);
  /// Takes back all new tokens but the first `count`.
  void go_back(std::size_t count);

 private:
  void compute(std::span<const TokenId> new_ids);

  double scale_;
  std::size_t prompt_tokens_;
  std::shared_ptr<Forward> forward_;
  Sequence sequence_;
  std::size_t computed_ = 0;          // tokens of the sequence that `unconditional_` follows
  std::vector<float> unconditional_;  // log-probabilities
  std::vector<float> scores_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/guidance-inl.hpp"
#endif
