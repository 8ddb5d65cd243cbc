#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/choose.hpp"
#include "eigenformer/core/attempt.hpp"
#include "eigenformer/generate/decoding_plan.hpp"
#include "eigenformer/generate/first_sequence.hpp"
#include "eigenformer/generate/score_choices.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace choose_detail {

/// A prompt and what follows it.
struct CutTexts {
  std::vector<TokenId> prompt;
  std::vector<std::vector<TokenId>> choices;
};

inline std::size_t common_tokens(std::span<const TokenId> one, std::span<const TokenId> other) {
  return static_cast<std::size_t>(std::mismatch(one.begin(), one.end(), other.begin(), other.end()).first -
                                  one.begin());
}

/// Each choice is read together with the prompt; what all of that and the prompt alone begin with is the prompt.
inline CutTexts cut_together(const Tokenizer& tokenizer, std::string_view prompt,
                             std::span<const std::string> choices) {
  CutTexts texts{.prompt = tokenizer.encode(prompt), .choices = {}};
  std::size_t common = texts.prompt.size();
  for (const std::string& choice : choices) {
    texts.choices.push_back(tokenizer.encode(std::string(prompt) + choice));
    const std::vector<TokenId>& whole = texts.choices.back();
    common = std::min({common, common_tokens(whole, texts.prompt), whole.empty() ? 0 : whole.size() - 1});
  }
  texts.prompt.resize(common);
  for (std::vector<TokenId>& choice : texts.choices) {
    choice.erase(choice.begin(), choice.begin() + static_cast<std::ptrdiff_t>(common));
  }
  return texts;
}

/// Source and target are texts of their own.
inline CutTexts cut_apart(const Tokenizer& tokenizer, std::string_view prompt, std::span<const std::string> choices) {
  return {.prompt = tokenizer.encode(prompt), .choices = generation::encode_choices(tokenizer, choices)};
}

}  // namespace choose_detail

EIGENFORMER_INLINE Chosen choose(const Model& model, std::string_view prompt, std::span<const std::string> choices,
                                 const ChooseOptions& options) {
  generation::check_choices(choices);
  const choose_detail::CutTexts texts = model.state().source
                                            ? choose_detail::cut_apart(model.tokenizer(), prompt, choices)
                                            : choose_detail::cut_together(model.tokenizer(), prompt, choices);
  return choose(model, texts.prompt, texts.choices, options);
}

EIGENFORMER_INLINE Chosen choose(const Model& model, std::span<const TokenId> prompt,
                                 std::span<const std::vector<TokenId>> choices, const ChooseOptions& options) {
  const ModelState& state = model.state();
  const GenerateOptions generation{.cancel = options.cancel};
  generation::check_options(generation, state);
  generation::check_prompt(prompt, state);
  generation::Sequence sequence = generation::first_sequence(state, prompt, generation);
  const std::vector<TokenId>& forced = state.generation_defaults.forced_first_tokens;
  if (state.source && forced.size() == 1) sequence.ids.push_back(forced[0]);
  generation::Forward forward(state);
  return generation::score_choices({forward, sequence, state.info.context_length}, state, choices, options);
}

EIGENFORMER_INLINE Result<Chosen> try_choose(const Model& model, std::string_view prompt,
                                             std::span<const std::string> choices, const ChooseOptions& options) {
  return attempt([&] { return choose(model, prompt, choices, options); });
}
EIGENFORMER_INLINE Result<Chosen> try_choose(const Model& model, std::span<const TokenId> prompt,
                                             std::span<const std::vector<TokenId>> choices,
                                             const ChooseOptions& options) {
  return attempt([&] { return choose(model, prompt, choices, options); });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
