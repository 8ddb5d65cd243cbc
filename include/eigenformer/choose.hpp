// Which of a closed set of answers a model would give: their probabilities, without a token being drawn. A light
// header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// What choices are compared by.
enum class ChoiceScore : std::uint8_t {
  total,      ///< the log-probability of the whole choice; a long one has less of it
  per_token,  ///< that divided by its number of tokens
};

struct ChooseOptions {
  ChoiceScore score = ChoiceScore::total;
  std::size_t rows_per_step = 256;         ///< tokens computed in one step: less memory, the same bits; 1 to 65536
  std::optional<CancelToken> cancel = {};  ///< turn it on another thread to stop; looked at between layers
};

struct ScoredChoice {
  std::vector<TokenId> ids;    ///< the tokens that were scored
  double log_probability = 0;  ///< natural logarithm: of all of its tokens, given the prompt
  double probability = 0;      ///< among the choices: softmax over what they are compared by
};

struct Chosen {
  std::size_t best = 0;  ///< the likeliest; of equal ones the first
  std::vector<ScoredChoice> choices;
};

/// Scores each choice as what follows the prompt. The prompt is computed once, all choices side by side on its cache.
/// Where a text is cut into tokens across the border (a choice that completes the prompt's last word), the tokens from
/// the border on are scored, in all choices alike. An encoder-decoder reads the prompt and says the choice.
///
/// Throws UsageError "usage.no_choices", "usage.choice_empty", "usage.prompt_empty", "usage.prompt_too_long",
/// "usage.token_id", "usage.option_range", "usage.not_generative"; TokenizerError where the model came without a
/// tokenizer; NumericError "numeric.logits_not_finite"; CancelledError "cancelled.choose".
Chosen choose(const Model& model, std::string_view prompt, std::span<const std::string> choices,
              const ChooseOptions& options = {});
Result<Chosen> try_choose(const Model& model, std::string_view prompt, std::span<const std::string> choices,
                          const ChooseOptions& options = {});

/// The same for a prompt and choices that are tokens already; needs no tokenizer.
Chosen choose(const Model& model, std::span<const TokenId> prompt, std::span<const std::vector<TokenId>> choices,
              const ChooseOptions& options = {});
Result<Chosen> try_choose(const Model& model, std::span<const TokenId> prompt,
                          std::span<const std::vector<TokenId>> choices, const ChooseOptions& options = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/choose-inl.hpp"
#endif
