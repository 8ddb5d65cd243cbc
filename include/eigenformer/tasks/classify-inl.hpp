#pragma once

#include <utility>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/tasks/classify.hpp"
#include "eigenformer/tasks/encoded_texts.hpp"
#include "eigenformer/tasks/require_head.hpp"
#include "eigenformer/tasks/scores.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace classify_detail {

/// https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/pipelines/text_classification.py
inline ScoreFunction function_of(const ModelInfo& info, std::size_t outputs, ScoreFunction wanted) {
  if (wanted != ScoreFunction::automatic) return wanted;
  if (info.problem_type == ProblemType::regression) return ScoreFunction::none;
  const bool is_by_itself = info.problem_type == ProblemType::multi_label || outputs == 1;
  return is_by_itself ? ScoreFunction::sigmoid : ScoreFunction::softmax;
}

inline std::vector<double> apply(ScoreFunction function, std::vector<double> logits) {
  switch (function) {
    case ScoreFunction::softmax: return tasks::softmax(std::move(logits));
    case ScoreFunction::sigmoid: return tasks::sigmoid(std::move(logits));
    case ScoreFunction::automatic:
    case ScoreFunction::none: break;
  }
  return logits;
}

}  // namespace classify_detail

EIGENFORMER_INLINE std::vector<std::vector<LabelScore>> classify(const Model& model, std::span<const TextPair> texts,
                                                                 const ClassifyOptions& options) {
  tasks::require_head(model, {ModelHead::sequence_classification}, "classify");
  std::vector<std::vector<LabelScore>> results(texts.size());
  const std::vector<Encoding> encodings = tasks::encode_texts(model, texts, options.long_text);
  tasks::run_encodings(model, encodings, {"logits"}, [&](const tasks::TextOutputs& outputs) {
    std::vector<double> scores = tasks::logits_of(outputs["logits"], 0);
    const ScoreFunction function = classify_detail::function_of(model.info(), scores.size(), options.function);
    scores = classify_detail::apply(function, std::move(scores));
    for (const std::size_t label : tasks::best_indices(scores, options.top_k)) {
      results[outputs.text()].push_back({tasks::label_of(model, label), scores[label]});
    }
  });
  return results;
}

EIGENFORMER_INLINE std::vector<LabelScore> classify(const Model& model, const TextPair& text,
                                                    const ClassifyOptions& options) {
  return std::move(classify(model, std::span(&text, 1), options).front());
}

EIGENFORMER_INLINE Result<std::vector<std::vector<LabelScore>>> try_classify(const Model& model,
                                                                             std::span<const TextPair> texts,
                                                                             const ClassifyOptions& options) {
  return attempt([&] { return classify(model, texts, options); });
}
EIGENFORMER_INLINE Result<std::vector<LabelScore>> try_classify(const Model& model, const TextPair& text,
                                                                const ClassifyOptions& options) {
  return attempt([&] { return classify(model, text, options); });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
