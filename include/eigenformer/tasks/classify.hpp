// Classes of texts: sentiments, topics, entailment, whatever a model was trained to tell apart. A light header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/tasks/long_text.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// What makes scores of a classifier's numbers.
enum class ScoreFunction : std::uint8_t {
  /// None for a regression; sigmoid where each label is right or wrong by itself, and where there is one label; else
  /// softmax.
  automatic,
  softmax,  ///< probabilities that add up to 1
  sigmoid,  ///< a probability of each label by itself
  none,     ///< the numbers themselves
};

struct ClassifyOptions {
  std::size_t top_k = 0;  ///< only the labels with the largest scores; 0: all
  ScoreFunction function = ScoreFunction::automatic;
  LongText long_text = LongText::refuse;
};

struct LabelScore {
  std::string label;
  double score = 0;
};

/// For each text, or pair of texts, its labels (ModelInfo::labels) with their scores, the largest first: what
/// transformers' text-classification pipeline gives. Texts are computed together and do not change each other's scores.
///
/// Throws UsageError "usage.task" for a model without a classifier of texts, "usage.prompt_too_long"; TokenizerError
/// where the model came without a tokenizer; NumericError "numeric.logits_not_finite".
std::vector<std::vector<LabelScore>> classify(const Model& model, std::span<const TextPair> texts,
                                              const ClassifyOptions& options = {});
std::vector<LabelScore> classify(const Model& model, const TextPair& text, const ClassifyOptions& options = {});
Result<std::vector<std::vector<LabelScore>>> try_classify(const Model& model, std::span<const TextPair> texts,
                                                          const ClassifyOptions& options = {});
Result<std::vector<LabelScore>> try_classify(const Model& model, const TextPair& text,
                                             const ClassifyOptions& options = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tasks/classify-inl.hpp"
#endif
