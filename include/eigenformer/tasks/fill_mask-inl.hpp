#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/tasks/encoded_texts.hpp"
#include "eigenformer/tasks/fill_mask.hpp"
#include "eigenformer/tasks/require_head.hpp"
#include "eigenformer/tasks/scores.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace fill_mask_detail {

[[noreturn]] inline void refuse(const char* id, std::string expected, std::string found, std::string where,
                                std::string remedy) {
  throw UsageError({.id = id,
                    .expected = std::move(expected),
                    .found = std::move(found),
                    .where = std::move(where),
                    .remedy = std::move(remedy)});
}

/// The candidates' tokens in ascending order, each once; empty: all.
inline std::vector<TokenId> target_tokens(const Tokenizer& tokenizer, const std::vector<std::string>& targets) {
  std::vector<TokenId> tokens;
  for (const std::string& target : targets) {
    if (const auto token = tokenizer.token_id(target)) {
      tokens.push_back(*token);
      continue;
    }
    const std::vector<TokenId> ids = tokenizer.encode(target, {.add_special_tokens = false});
    if (ids.empty()) {
      refuse("usage.mask_target", "targets that have a token", "\"" + target + "\"", "targets", "name other words");
    }
    tokens.push_back(ids.front());
  }
  std::sort(tokens.begin(), tokens.end());
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  return tokens;
}

/// The places of the mask token in a text.
inline std::vector<std::uint32_t> gaps_of(const Encoding& encoding, TokenId mask, const Tokenizer& tokenizer) {
  std::vector<std::uint32_t> gaps;
  for (std::size_t place = 0; place < encoding.ids.size(); ++place) {
    if (encoding.ids[place] == mask) gaps.push_back(static_cast<std::uint32_t>(place));
  }
  if (!gaps.empty()) return gaps;
  const std::string token = tokenizer.token(mask);
  refuse("usage.no_mask", "the mask token " + token + " in the text", "none", "",
         "write " + token + " where a word is missing");
}

/// Fills the gaps of one text.
class Filler {
 public:
  Filler(const Tokenizer& tokenizer, std::size_t top_k, std::span<const TokenId> targets)
      : tokenizer_(tokenizer), top_k_(top_k), targets_(targets) {}

  /// `probabilities` are those of the whole vocabulary, at the gap that stands at `place` of the text.
  std::vector<MaskCandidate> fill(const std::vector<TokenId>& ids, std::size_t gap_count, std::size_t place,
                                  const std::vector<double>& probabilities) const {
    std::vector<MaskCandidate> candidates;
    for (const TokenId token : best(probabilities)) {
      candidates.push_back({.token = token,
                            .text = tokenizer_.decode({&token, 1}),
                            .probability = probabilities[static_cast<std::size_t>(token)],
                            .filled = filled(ids, gap_count, place, token)});
    }
    return candidates;
  }

 private:
  std::vector<TokenId> best(const std::vector<double>& probabilities) const {
    std::vector<double> scores;
    for (const TokenId target : targets_) scores.push_back(probabilities[static_cast<std::size_t>(target)]);
    std::vector<TokenId> tokens;
    for (const std::size_t index : tasks::best_indices(targets_.empty() ? probabilities : scores, top_k_)) {
      tokens.push_back(targets_.empty() ? static_cast<TokenId>(index) : targets_[index]);
    }
    return tokens;
  }

  /// The text without padding tokens and, where it has no other gap, without special tokens.
  std::string filled(std::vector<TokenId> ids, std::size_t gap_count, std::size_t place, TokenId token) const {
    ids[place] = token;
    if (const auto padding = tokenizer_.padding()) std::erase(ids, *padding);
    return tokenizer_.decode(ids, {.skip_special_tokens = gap_count == 1});
  }

  const Tokenizer& tokenizer_;
  std::size_t top_k_;
  std::span<const TokenId> targets_;
};

inline void check(const Model& model, const FillMaskOptions& options) {
  tasks::require_head(model, {ModelHead::masked_language_model, ModelHead::pretraining}, "fill_mask");
  if (options.top_k == 0) refuse("usage.option_range", "at least 1", "0", "top_k", "choose a value in that range");
}

}  // namespace fill_mask_detail

EIGENFORMER_INLINE std::vector<std::vector<std::vector<MaskCandidate>>> fill_mask(
    const Model& model, std::span<const std::string_view> texts, const FillMaskOptions& options) {
  fill_mask_detail::check(model, options);
  const Tokenizer& tokenizer = model.tokenizer();
  const TokenId mask = tasks::require_mask(model);
  const std::vector<TokenId> targets = fill_mask_detail::target_tokens(tokenizer, options.targets);
  const fill_mask_detail::Filler filler(tokenizer, options.top_k, targets);
  std::vector<TextPair> pairs;
  for (const std::string_view text : texts) pairs.push_back({.first = text});
  const std::vector<Encoding> encodings = tasks::encode_texts(model, pairs, options.long_text);
  std::vector<std::vector<std::uint32_t>> gaps;
  gaps.reserve(encodings.size());
  for (const Encoding& encoding : encodings) gaps.push_back(fill_mask_detail::gaps_of(encoding, mask, tokenizer));
  std::vector<tasks::TextInput> inputs;
  for (std::size_t text = 0; text < texts.size(); ++text) {
    inputs.push_back(tasks::TextInput::of(encodings[text], model));
    inputs.back().wanted_tokens = gaps[text];
  }
  std::vector<std::vector<std::vector<MaskCandidate>>> results(texts.size());
  tasks::run_texts(model, inputs, {.outputs = {"logits"}}, [&](const tasks::TextOutputs& outputs) {
    const std::size_t text = outputs.text();
    for (std::size_t gap = 0; gap < gaps[text].size(); ++gap) {
      results[text].push_back(filler.fill(encodings[text].ids, gaps[text].size(), gaps[text][gap],
                                          tasks::softmax(tasks::logits_of(outputs["logits"], gap))));
    }
  });
  return results;
}

EIGENFORMER_INLINE std::vector<std::vector<MaskCandidate>> fill_mask(const Model& model, std::string_view text,
                                                                     const FillMaskOptions& options) {
  return std::move(fill_mask(model, std::span(&text, 1), options).front());
}

EIGENFORMER_INLINE Result<std::vector<std::vector<std::vector<MaskCandidate>>>> try_fill_mask(
    const Model& model, std::span<const std::string_view> texts, const FillMaskOptions& options) {
  return attempt([&] { return fill_mask(model, texts, options); });
}
EIGENFORMER_INLINE Result<std::vector<std::vector<MaskCandidate>>> try_fill_mask(const Model& model,
                                                                                 std::string_view text,
                                                                                 const FillMaskOptions& options) {
  return attempt([&] { return fill_mask(model, text, options); });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
