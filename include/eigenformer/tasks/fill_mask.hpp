// Words for the gaps of a text. A light header.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/tasks/long_text.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

struct FillMaskOptions {
  std::size_t top_k = 5;  ///< candidates for each gap; 1 or more
  /// Only these are candidates: tokens as the vocabulary writes them ("Ġhouse", "house"), or texts of which the first
  /// token counts. None: the whole vocabulary. Probabilities stay those among the whole vocabulary.
  std::vector<std::string> targets = {};
  LongText long_text = LongText::refuse;
};

struct MaskCandidate {
  TokenId token = 0;
  std::string text;  ///< of the token alone
  double probability = 0;
  std::string filled;  ///< the whole text with it; other gaps keep their mask token
};

/// For each text, and each of its mask tokens in order, what may stand there, the likeliest first: what transformers'
/// fill-mask pipeline gives. Several masks are filled each by itself. `Tokenizer::mask()` says which token it is; a
/// text holds it as the vocabulary writes it ("[MASK]", "<mask>").
///
/// Throws UsageError "usage.task" for a model that predicts no masked tokens, "usage.mask_token" for one whose
/// tokenizer has no mask token, "usage.no_mask" for a text without one, "usage.mask_target" for a target that has no
/// token, "usage.option_range", "usage.prompt_too_long"; TokenizerError where the model came without a tokenizer;
/// NumericError "numeric.logits_not_finite".
std::vector<std::vector<std::vector<MaskCandidate>>> fill_mask(const Model& model,
                                                               std::span<const std::string_view> texts,
                                                               const FillMaskOptions& options = {});
std::vector<std::vector<MaskCandidate>> fill_mask(const Model& model, std::string_view text,
                                                  const FillMaskOptions& options = {});
Result<std::vector<std::vector<std::vector<MaskCandidate>>>> try_fill_mask(const Model& model,
                                                                           std::span<const std::string_view> texts,
                                                                           const FillMaskOptions& options = {});
Result<std::vector<std::vector<MaskCandidate>>> try_fill_mask(const Model& model, std::string_view text,
                                                              const FillMaskOptions& options = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tasks/fill_mask-inl.hpp"
#endif
