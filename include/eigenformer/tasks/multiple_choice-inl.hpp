#pragma once

#include <utility>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/tasks/encoded_texts.hpp"
#include "eigenformer/tasks/multiple_choice.hpp"
#include "eigenformer/tasks/require_head.hpp"
#include "eigenformer/tasks/scores.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

EIGENFORMER_INLINE std::vector<double> choose_answer(const Model& model, const MultipleChoice& question,
                                                     const MultipleChoiceOptions& options) {
  tasks::require_head(model, {ModelHead::multiple_choice}, "choose_answer");
  std::vector<TextPair> texts;
  for (const std::string_view choice : question.choices) texts.push_back({.first = question.prompt, .second = choice});
  const std::vector<Encoding> encodings = tasks::encode_texts(model, texts, options.long_text);
  std::vector<double> logits(texts.size());
  tasks::run_encodings(model, encodings, {"logits"}, [&](const tasks::TextOutputs& outputs) {
    logits[outputs.text()] = tasks::logits_of(outputs["logits"], 0).front();
  });
  return tasks::softmax(std::move(logits));
}

EIGENFORMER_INLINE Result<std::vector<double>> try_choose_answer(const Model& model, const MultipleChoice& question,
                                                                 const MultipleChoiceOptions& options) {
  return attempt([&] { return choose_answer(model, question, options); });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
