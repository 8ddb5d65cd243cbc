// The log-probabilities of several continuations of one sequence.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "eigenformer/choose.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/sequence.hpp"
#include "eigenformer/model_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// What is continued.
struct ChoicePrompt {
  Forward& forward;
  Sequence& sequence;          ///< is computed by this where it was not
  std::size_t context_length;  ///< tokens that there is room for
};

/// Throws UsageError "usage.no_choices", "usage.choice_empty".
void check_choices(std::span<const std::string> choices);

/// The ids of each text on its own, without special tokens.
std::vector<std::vector<TokenId>> encode_choices(const Tokenizer& tokenizer, std::span<const std::string> choices);

/// What `choose` returns. The prompt has been checked. Throws UsageError "usage.no_choices", "usage.choice_empty",
/// "usage.token_id", "usage.prompt_too_long", "usage.option_range"; NumericError "numeric.logits_not_finite";
/// CancelledError "cancelled.choose".
Chosen score_choices(const ChoicePrompt& prompt, const ModelState& model, std::span<const std::vector<TokenId>> choices,
                     const ChooseOptions& options);

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/score_choices-inl.hpp"
#endif
