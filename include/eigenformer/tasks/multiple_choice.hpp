// Which of several answers fits. A light header.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/tasks/long_text.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

struct MultipleChoice {
  std::string_view prompt;
  std::span<const std::string_view> choices;
};

struct MultipleChoiceOptions {
  LongText long_text = LongText::refuse;
};

/// The probability of each choice, in their order: softmax over the numbers that the model gives to the prompt with
/// each of them, as a pair of texts. No choices: none.
///
/// Throws UsageError "usage.task" for a model without the head of multiple choice, "usage.prompt_too_long";
/// TokenizerError where the model came without a tokenizer; NumericError "numeric.logits_not_finite".
std::vector<double> choose_answer(const Model& model, const MultipleChoice& question,
                                  const MultipleChoiceOptions& options = {});
Result<std::vector<double>> try_choose_answer(const Model& model, const MultipleChoice& question,
                                              const MultipleChoiceOptions& options = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tasks/multiple_choice-inl.hpp"
#endif
