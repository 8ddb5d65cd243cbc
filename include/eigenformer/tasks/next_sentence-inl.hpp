#pragma once

#include <string>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/tasks/encoded_texts.hpp"
#include "eigenformer/tasks/next_sentence.hpp"
#include "eigenformer/tasks/require_head.hpp"
#include "eigenformer/tasks/scores.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace next_sentence_detail {

/// The output that is about two sentences.
inline std::string output_of(const Model& model) {
  if (model.info().head == ModelHead::next_sentence) return "logits";
  const bool is_about_order = model.state().program.outputs.contains("sop_logits");
  return is_about_order ? "sop_logits" : "seq_relationship_logits";
}

}  // namespace next_sentence_detail

EIGENFORMER_INLINE std::vector<double> next_sentence(const Model& model, std::span<const SentencePair> pairs,
                                                     const NextSentenceOptions& options) {
  tasks::require_head(model, {ModelHead::next_sentence, ModelHead::pretraining}, "next_sentence");
  std::vector<TextPair> texts;
  for (const SentencePair& pair : pairs) texts.push_back({.first = pair.first, .second = pair.second});
  const std::vector<Encoding> encodings = tasks::encode_texts(model, texts, options.long_text);
  const std::string output = next_sentence_detail::output_of(model);
  std::vector<double> results(pairs.size());
  tasks::run_encodings(model, encodings, {output}, [&](const tasks::TextOutputs& outputs) {
    results[outputs.text()] = tasks::softmax(tasks::logits_of(outputs[output], 0)).front();
  });
  return results;
}

EIGENFORMER_INLINE double next_sentence(const Model& model, const SentencePair& pair,
                                        const NextSentenceOptions& options) {
  return next_sentence(model, std::span(&pair, 1), options).front();
}

EIGENFORMER_INLINE Result<std::vector<double>> try_next_sentence(const Model& model,
                                                                 std::span<const SentencePair> pairs,
                                                                 const NextSentenceOptions& options) {
  return attempt([&] { return next_sentence(model, pairs, options); });
}
EIGENFORMER_INLINE Result<double> try_next_sentence(const Model& model, const SentencePair& pair,
                                                    const NextSentenceOptions& options) {
  return attempt([&] { return next_sentence(model, pair, options); });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
