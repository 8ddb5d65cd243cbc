#pragma once

#include <algorithm>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/core/math.hpp"
#include "eigenformer/tasks/rerank.hpp"
#include "eigenformer/tasks/text_batch.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace rerank_detail {

inline void check_one_label(const Model& model) {
  const std::size_t labels = model.state().program.outputs.at("logits").value.width;
  if (labels == 1) return;
  throw UsageError(
      {.id = "usage.task",
       .expected = "a classifier with 1 label, or a model of embeddings, for rerank",
       .found = "a classifier with " + std::to_string(labels) + " labels (" + model.info().architecture + ")",
       .where = model.info().source,
       .remedy = "use a model made for this task, or classify"});
}

/// Options that would change nothing.
inline void check_options(const RerankOptions& options, bool reads_pairs) {
  const auto refuse = [](const char* option, const char* takes, const char* found) {
    throw UsageError({.id = "usage.rerank_option",
                      .expected = takes,
                      .found = found,
                      .where = option,
                      .remedy = "leave the option out"});
  };
  const char* embeddings = "a model of embeddings, whose prompts have names";
  if (reads_pairs && !options.query_prompt_name.empty()) refuse("query_prompt_name", embeddings, "a cross-encoder");
  if (reads_pairs && !options.text_prompt_name.empty()) refuse("text_prompt_name", embeddings, "a cross-encoder");
  if (!reads_pairs && options.score != RerankScore::automatic) {
    refuse("score", "a cross-encoder, which has logits", "a model of embeddings, whose score is a cosine");
  }
}

inline double shown(const Model& model, const RerankOptions& options, double logit) {
  const bool is_logit = options.score == RerankScore::logit ||
                        (options.score == RerankScore::automatic && model.state().scores_are_logits);
  return is_logit ? logit : 1.0 / (1.0 + exponential(-logit));
}

inline std::vector<double> score_pairs(const Model& model, std::string_view query, std::span<const std::string> texts,
                                       const RerankOptions& options) {
  check_one_label(model);
  const Tokenizer& tokenizer = model.tokenizer();
  const std::size_t limit = model.info().context_length;
  const std::size_t length = options.max_length == 0 ? limit : std::min(limit, options.max_length);
  std::vector<Encoding> encodings;
  for (const std::string& text : texts) {
    encodings.push_back(tokenizer.encode_truncated({.first = query, .second = text}, {.max_length = length}));
  }
  std::vector<tasks::TextInput> inputs;
  inputs.reserve(encodings.size());
  for (const Encoding& encoding : encodings) inputs.push_back(tasks::TextInput::of(encoding, model));
  std::vector<double> scores;
  tasks::run_texts(
      model, inputs, {.outputs = {"logits"}, .cancel = options.cancel},
      [&](const tasks::TextOutputs& outputs) { scores.push_back(shown(model, options, outputs["logits"](0, 0))); });
  return scores;
}

inline std::vector<double> compare_embeddings(const Model& model, std::string_view query,
                                              std::span<const std::string> texts, const RerankOptions& options) {
  EmbedOptions embedding{.normalize = true,
                         .max_length = options.max_length,
                         .long_text = LongText::cut,
                         .prompt_name = options.query_prompt_name,
                         .cancel = options.cancel};
  const std::vector<float> wanted = embed(model, query, embedding);
  embedding.prompt_name = options.text_prompt_name;
  std::vector<double> scores;
  for (const std::vector<float>& vector : embed(model, texts, embedding)) {
    scores.push_back(cosine_similarity(wanted, vector));
  }
  return scores;
}

}  // namespace rerank_detail

EIGENFORMER_INLINE std::vector<double> rerank(const Model& model, std::string_view query,
                                              std::span<const std::string> texts, const RerankOptions& options) {
  const bool reads_pairs = model.info().head == ModelHead::sequence_classification;
  rerank_detail::check_options(options, reads_pairs);
  return reads_pairs ? rerank_detail::score_pairs(model, query, texts, options)
                     : rerank_detail::compare_embeddings(model, query, texts, options);
}

EIGENFORMER_INLINE Result<std::vector<double>> try_rerank(const Model& model, std::string_view query,
                                                          std::span<const std::string> texts,
                                                          const RerankOptions& options) {
  return attempt([&] { return rerank(model, query, texts, options); });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
