#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "eigenformer/core/math.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/generate/check_option.hpp"
#include "eigenformer/generate/sampler.hpp"
#include "eigenformer/generate/score_choices.hpp"
#include "eigenformer/kernels/floating_point_guard.hpp"
#include "eigenformer/ops/log_softmax.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace score_choices_detail {

/// A choice that is being scored: a sequence of its own, to which its tokens are appended as they are computed.
struct Scored {
  Sequence sequence;
  std::span<const TokenId> ids;
  std::size_t appended = 0;    ///< of its ids, those that the sequence has
  double log_probability = 0;  ///< of one more than that

  /// The last token's logits are about what follows the choice.
  std::size_t computable() const noexcept { return ids.size() - 1 - appended; }
};

[[noreturn]] inline void refuse_choices(const char* id, const char* expected, const char* found) {
  throw UsageError({.id = id, .expected = expected, .found = found, .where = "choices", .remedy = "pass others"});
}

template <class Choice>
void check_not_empty(std::span<const Choice> choices) {
  if (choices.empty()) refuse_choices("usage.no_choices", "one choice or more", "none");
  const auto is_empty = [](const Choice& choice) { return choice.empty(); };
  if (std::none_of(choices.begin(), choices.end(), is_empty)) return;
  refuse_choices("usage.choice_empty", "choices of at least one token", "one of none");
}

inline void check(const ChoicePrompt& prompt, const ModelState& model, std::span<const std::vector<TokenId>> choices) {
  check_not_empty(choices);
  for (const std::vector<TokenId>& choice : choices) {
    for (const TokenId token : choice) check_token("choices", token, model.info.vocabulary_size);
    const std::size_t length = prompt.sequence.ids.size() + choice.size();
    if (length <= prompt.context_length) continue;
    throw UsageError({.id = "usage.prompt_too_long",
                      .expected = "a prompt and a choice that fit the context of " +
                                  std::to_string(prompt.context_length) + " tokens",
                      .found = std::to_string(length) + " tokens",
                      .where = "prompt",
                      .remedy = "shorten it"});
  }
}

inline void require_computed(bool is_computed) {
  if (is_computed) return;
  throw CancelledError({.id = "cancelled.choose",
                        .expected = "to score all choices",
                        .found = "that it was cancelled",
                        .where = "",
                        .remedy = "call it again if that was a mistake"});
}

/// log p of a token by the logits of the place before it.
inline double checked_log_probability(const ModelState& model, std::span<const float> logits, TokenId token,
                                      std::size_t position) {
  require_finite(logits, position);
  const kernels::FloatingPointGuard guard;
  return ops::log_probability(*model.kernels, logits, static_cast<std::size_t>(token));
}

/// How many tokens of a choice one step computes.
inline std::size_t next_rows(const Scored& scored, const ModelState& model, std::size_t most) {
  const std::size_t wanted = std::min(scored.computable(), most);
  if (wanted < 2) return wanted;
  if (model.network->info().segments) return 1;
  return 1 + tokens_of_same_frequency(*model.network, scored.sequence.ids.size() + 1, wanted - 1);
}

/// One step: as many tokens of the choices as fit. Whether there were any.
inline bool step(std::vector<Scored>& choices, const ModelState& model, Forward& forward, const ForwardLimits& limits) {
  std::vector<SequenceStep> steps;
  std::vector<Scored*> present;
  std::size_t left = limits.chunk;
  for (Scored& scored : choices) {
    const std::size_t rows = next_rows(scored, model, left);
    if (rows == 0) continue;
    const auto first = scored.ids.begin() + static_cast<std::ptrdiff_t>(scored.appended);
    scored.sequence.ids.insert(scored.sequence.ids.end(), first, first + static_cast<std::ptrdiff_t>(rows));
    steps.push_back({.sequence = &scored.sequence, .outputs = rows});
    present.push_back(&scored);
    left -= rows;
  }
  if (steps.empty()) return false;
  require_computed(forward.step(steps, limits));
  std::size_t row = 0;
  for (std::size_t index = 0; index < steps.size(); ++index) {
    Scored& scored = *present[index];
    const std::size_t begin = scored.sequence.ids.size() - steps[index].outputs;
    for (std::size_t place = 1; place <= steps[index].outputs; ++place, ++row) {
      scored.log_probability +=
          checked_log_probability(model, forward.logits(row), scored.ids[++scored.appended], begin + place);
    }
  }
  return true;
}

inline Chosen compare(const std::vector<Scored>& scored, ChoiceScore by) {
  Chosen chosen;
  std::vector<double> scores;
  for (const Scored& one : scored) {
    const auto tokens = static_cast<double>(one.ids.size());
    scores.push_back(by == ChoiceScore::per_token ? one.log_probability / tokens : one.log_probability);
    chosen.choices.push_back({.ids = {one.ids.begin(), one.ids.end()}, .log_probability = one.log_probability});
  }
  const auto best = std::max_element(scores.begin(), scores.end());
  chosen.best = static_cast<std::size_t>(best - scores.begin());
  double total = 0;
  for (const double score : scores) total += exponential(score - *best);
  for (std::size_t index = 0; index < scores.size(); ++index) {
    chosen.choices[index].probability = exponential(scores[index] - *best) / total;
  }
  return chosen;
}

}  // namespace score_choices_detail

EIGENFORMER_INLINE void check_choices(std::span<const std::string> choices) {
  score_choices_detail::check_not_empty(choices);
}

EIGENFORMER_INLINE std::vector<std::vector<TokenId>> encode_choices(const Tokenizer& tokenizer,
                                                                    std::span<const std::string> choices) {
  std::vector<std::vector<TokenId>> ids;
  ids.reserve(choices.size());
  for (const std::string& choice : choices) ids.push_back(tokenizer.encode(choice, {.add_special_tokens = false}));
  return ids;
}

EIGENFORMER_INLINE Chosen score_choices(const ChoicePrompt& prompt, const ModelState& model,
                                        std::span<const std::vector<TokenId>> choices, const ChooseOptions& options) {
  using namespace score_choices_detail;
  check(prompt, model, choices);
  check_count("rows_per_step", options.rows_per_step, {1, 65536});
  const ForwardLimits limits{.chunk = options.rows_per_step,
                             .cancel = options.cancel ? options.cancel->flag() : nullptr};
  require_computed(prompt.forward.run(prompt.sequence, limits));
  std::vector<Scored> scored;
  scored.reserve(choices.size());
  for (const std::vector<TokenId>& choice : choices) {
    scored.push_back({.sequence = prompt.sequence, .ids = choice});
    scored.back().log_probability =
        checked_log_probability(model, prompt.forward.logits(0), choice[0], prompt.sequence.ids.size());
  }
  while (step(scored, model, prompt.forward, limits)) {
  }
  return compare(scored, options.score);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
