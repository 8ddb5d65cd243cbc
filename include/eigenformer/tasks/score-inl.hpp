#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/forward.hpp"
#include "eigenformer/forward_feed.hpp"
#include "eigenformer/tasks/encoded_texts.hpp"
#include "eigenformer/tasks/require_head.hpp"
#include "eigenformer/tasks/score.hpp"
#include "eigenformer/tasks/text_batch.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace score_detail {

/// Rows of a step that computes the logits of each: they are the greatest part of its memory.
inline constexpr std::size_t k_step_rows = 256;

inline TextScore make_score(std::vector<TokenId> tokens, std::vector<double> log_probabilities) {
  TextScore score{.tokens = std::move(tokens), .token_log_probabilities = std::move(log_probabilities)};
  for (const double value : score.token_log_probabilities) score.log_probability += value;
  return score;
}

/// Short texts side by side, long ones alone and in pieces.
inline std::vector<TextScore> score_continuations(const Model& model, std::span<const Encoding> texts,
                                                  const ScoreOptions& options) {
  std::vector<std::vector<double>> values(texts.size());
  std::vector<tasks::TextInput> inputs;
  std::vector<std::size_t> numbers;
  for (std::size_t text = 0; text < texts.size(); ++text) {
    const std::vector<TokenId>& ids = texts[text].ids;
    if (ids.empty()) continue;
    if (ids.size() > k_step_rows) {
      values[text] = token_log_probabilities(model, ids);
    } else {
      inputs.push_back({.ids = ids});
      numbers.push_back(text);
    }
  }
  tasks::run_texts(model, inputs, {.step_rows = k_step_rows, .outputs = {"logits"}, .cancel = options.cancel},
                   [&](const tasks::TextOutputs& outputs) {
                     const std::size_t text = numbers[outputs.text()];
                     forward_detail::add_log_probabilities(values[text], model, outputs["logits"],
                                                           std::span(texts[text].ids).subspan(1));
                   });
  std::vector<TextScore> scores;
  for (std::size_t text = 0; text < texts.size(); ++text) {
    const std::vector<TokenId>& ids = texts[text].ids;
    const std::ptrdiff_t unpredicted = ids.empty() ? 0 : 1;
    scores.push_back(make_score({ids.begin() + unpredicted, ids.end()}, std::move(values[text])));
  }
  return scores;
}

/// As many copies of a text as it has tokens of its own, each with another one masked.
inline TextScore score_masked(const Model& model, const Encoding& text, const ScoreOptions& options) {
  const TokenId mask = tasks::require_mask(model);
  std::vector<std::vector<TokenId>> copies;
  std::vector<std::uint32_t> places;
  for (std::size_t token = 0; token < text.ids.size(); ++token) {
    if (text.texts[token] < 0) continue;
    places.push_back(static_cast<std::uint32_t>(token));
    copies.push_back(text.ids);
    copies.back()[token] = mask;
  }
  std::vector<tasks::TextInput> inputs;
  for (std::size_t copy = 0; copy < copies.size(); ++copy) {
    inputs.push_back(tasks::TextInput::of(text, model));
    inputs.back().ids = copies[copy];
    inputs.back().wanted_tokens = {&places[copy], 1};
  }
  std::vector<TokenId> tokens;
  std::vector<double> values;
  tasks::run_texts(model, inputs, {.outputs = {"logits"}, .cancel = options.cancel},
                   [&](const tasks::TextOutputs& outputs) {
                     tokens.push_back(text.ids[places[outputs.text()]]);
                     values.push_back(forward_detail::log_probability(model, outputs["logits"], 0, tokens.back()));
                   });
  return make_score(std::move(tokens), std::move(values));
}

/// Every text is held against the model's limits before the first is computed.
inline std::vector<Encoding> encode_all(const Model& model, std::span<const std::string> texts,
                                        const ScoreOptions& options) {
  const Tokenizer& tokenizer = model.tokenizer();
  std::vector<Encoding> encodings;
  for (const std::string& text : texts) {
    encodings.push_back(tokenizer.encode_with_offsets(text, {.add_special_tokens = options.add_special_tokens}));
    const std::vector<TokenId>& ids = encodings.back().ids;
    if (!ids.empty()) forward_detail::check_ids(ids, forward_detail::limits_of(model));
  }
  return encodings;
}

}  // namespace score_detail

EIGENFORMER_INLINE std::vector<TextScore> score(const Model& model, std::span<const std::string> texts,
                                                const ScoreOptions& options) {
  tasks::require_head(model, {ModelHead::language_model, ModelHead::masked_language_model, ModelHead::pretraining},
                      "score");
  tasks::require_kind(model, {ModelKind::decoder, ModelKind::encoder}, "score of texts without a source");
  if (model.info().kind == ModelKind::encoder) {  // XLNet predicts by a query stream, not behind masks
    tasks::require_head(model, {ModelHead::masked_language_model, ModelHead::pretraining}, "score");
  }
  tasks::refuse_language("target_language", options.target_language, "reads no source");
  const std::vector<Encoding> encodings = score_detail::encode_all(model, texts, options);
  if (model.info().kind == ModelKind::decoder) return score_detail::score_continuations(model, encodings, options);
  std::vector<TextScore> scores;
  scores.reserve(encodings.size());
  for (const Encoding& text : encodings) scores.push_back(score_detail::score_masked(model, text, options));
  return scores;
}

EIGENFORMER_INLINE TextScore score(const Model& model, const SourceText& pair, const ScoreOptions& options) {
  tasks::require_kind(model, {ModelKind::encoder_decoder}, "score of targets");
  tasks::require_head(model, {ModelHead::language_model}, "score");
  const Tokenizer& tokenizer = model.tokenizer();
  if (tokenizer.language_marks() != LanguageMarks::source) {
    tasks::refuse_language("target_language", options.target_language, "marks no language of a target");
  }
  const std::vector<TokenId> source = tokenizer.encode(pair.source, {.add_special_tokens = options.add_special_tokens});
  std::vector<TokenId> target = tokenizer.encode(
      pair.target, {.add_special_tokens = options.add_special_tokens, .source_language = options.target_language});
  if (target.empty()) return {};
  std::vector<double> values = target_log_probabilities(model, {.source = source, .target = target});
  return score_detail::make_score(std::move(target), std::move(values));
}

EIGENFORMER_INLINE Result<std::vector<TextScore>> try_score(const Model& model, std::span<const std::string> texts,
                                                            const ScoreOptions& options) {
  return attempt([&] { return score(model, texts, options); });
}

EIGENFORMER_INLINE Result<TextScore> try_score(const Model& model, const SourceText& pair,
                                               const ScoreOptions& options) {
  return attempt([&] { return score(model, pair, options); });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
