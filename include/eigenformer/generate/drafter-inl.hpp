#pragma once

#include <algorithm>
#include <string>

#include "eigenformer/error.hpp"
#include "eigenformer/generate/check_option.hpp"
#include "eigenformer/generate/decoding_plan.hpp"
#include "eigenformer/generate/draft_model.hpp"
#include "eigenformer/generate/drafter.hpp"
#include "eigenformer/generate/prompt_lookup.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace drafter_detail {

inline void check_same_kind(const ModelInfo& draft, const ModelInfo& model) {
  const bool is_pair = draft.kind == ModelKind::encoder_decoder;
  if (is_pair == (model.kind == ModelKind::encoder_decoder)) return;
  throw UsageError({.id = "usage.draft_kind",
                    .expected = is_pair ? "a decoder-only draft model" : "an encoder-decoder as the draft model",
                    .found = draft.architecture + (is_pair ? ", an encoder-decoder" : ", a decoder-only model"),
                    .where = "assistant",
                    .remedy = "use a smaller model of the same family"});
}

[[noreturn]] inline void refuse_vocabulary(const std::string& expected, const std::string& found) {
  throw UsageError({.id = "usage.draft_vocabulary",
                    .expected = expected,
                    .found = found,
                    .where = "assistant",
                    .remedy = "use a smaller model of the same family"});
}

/// Token numbers have to mean the same to both.
inline void check_same_vocabulary(const ModelState& draft, const ModelState& model) {
  const std::size_t size = model.info.vocabulary_size;
  if (draft.info.vocabulary_size != size) {
    refuse_vocabulary("a draft model with the same vocabulary of " + std::to_string(size) + " tokens",
                      std::to_string(draft.info.vocabulary_size) + " tokens");
  }
  if (!draft.tokenizer || !model.tokenizer) return;
  const std::size_t known = std::min(draft.tokenizer->vocabulary_size(), model.tokenizer->vocabulary_size());
  for (std::size_t index = 0; index < known; ++index) {
    const auto id = static_cast<TokenId>(index);
    const std::string here = model.tokenizer->token(id);
    const std::string there = draft.tokenizer->token(id);
    if (here == there) continue;
    refuse_vocabulary("a draft model with the same tokens",
                      "\"" + there + "\" instead of \"" + here + "\" as token " + std::to_string(index));
  }
}

inline void check_assistant(const Model& assistant, const ModelState& model) {
  const ModelState& draft = assistant.state();
  check_options({}, draft);
  check_same_kind(draft.info, model.info);
  if (&draft != &model) check_same_vocabulary(draft, model);
}

}  // namespace drafter_detail

EIGENFORMER_INLINE void check_draft_options(const GenerateOptions& options, const ModelState& model) {
  using namespace drafter_detail;
  check_count("prompt_lookup_num_tokens", options.prompt_lookup_num_tokens, {0, k_most_drafted});
  check_count("max_matching_ngram_size", options.max_matching_ngram_size, {1, k_most_drafted});
  check_count("num_assistant_tokens", options.num_assistant_tokens, {1, k_most_drafted});
  check_number("assistant_confidence_threshold", options.assistant_confidence_threshold, {0, 1});
  const bool is_lookup = options.prompt_lookup_num_tokens > 0;
  if (!is_lookup && !options.assistant) return;
  if (options.num_beams.value_or(1) > 1) {
    throw UsageError({.id = "usage.draft_beams",
                      .expected = "one beam where tokens are drafted",
                      .found = "num_beams " + std::to_string(*options.num_beams),
                      .where = is_lookup ? "prompt_lookup_num_tokens" : "assistant",
                      .remedy = "leave one of the two out"});
  }
  if (model.network->info().segments) {
    throw UsageError({.id = "usage.draft_two_streams",
                      .expected = "a model that can compute several places in one step",
                      .found = "the two-stream model " + model.info.architecture + ", which computes one",
                      .where = is_lookup ? "prompt_lookup_num_tokens" : "assistant",
                      .remedy = "leave the option out"});
  }
  if (options.assistant) check_assistant(*options.assistant, model);
}

EIGENFORMER_INLINE std::unique_ptr<Drafter> make_drafter(const GenerateOptions& options,
                                                         std::span<const TokenId> prompt, const CancelToken& cancel) {
  if (options.prompt_lookup_num_tokens > 0) {
    return std::make_unique<PromptLookup>(PromptLookupOptions{.tokens = options.prompt_lookup_num_tokens,
                                                              .max_matching_ngram = options.max_matching_ngram_size});
  }
  if (options.assistant) return std::make_unique<DraftModel>(options, prompt, cancel);
  return nullptr;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
