// Answers to questions, as spans of a given text. A light header.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/byte_span.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

struct Question {
  std::string_view question;
  std::string_view context;  ///< the text that holds the answer; of any length
};

struct AnswerOptions {
  std::size_t top_k = 1;               ///< at most so many answers, the likeliest first; 1 or more
  std::size_t max_answer_length = 15;  ///< in tokens
  /// Whether "no answer" is one of the answers: an empty text, as likely as the least likely "no answer" of any window.
  bool may_be_impossible = false;
  bool align_to_words = true;  ///< whether answers are widened to whole words
  /// Tokens of a window, question and template included; none: 384, or the model's context where that is less. A longer
  /// context is read in several windows.
  std::optional<std::size_t> max_length = {};
  /// Tokens of the context that a window repeats from the one before it; none: 128, or half a window.
  std::optional<std::size_t> stride = {};
};

struct Answer {
  std::string text = {};  ///< as it stands in the context
  double score = 0;
  CharacterSpan characters = {};  ///< place in the context
  ByteSpan bytes = {};            ///< the same in bytes
};

/// For each question its answers, the likeliest first: what transformers' question-answering pipeline gave (until its
/// version 4). In each window the tokens of the context (and the classifier's token, which stands for "no answer") get
/// probabilities of being the first and of being the last of the answer, by a softmax each. A span has the product. The
/// best 2 top_k + 10 spans of each window (top_k where words do not matter) are widened to words, and those of the same
/// text, in any case, become one answer: their scores are added, so that one may be above 1. Spans of score 0 are no
/// answers.
///
/// Throws UsageError "usage.task" for a model without a head for answers, "usage.question_empty" for an empty question
/// or context, "usage.option_range", "usage.truncation" where a question leaves the context no room in a window;
/// TokenizerError where the model came without a tokenizer; NumericError "numeric.logits_not_finite".
std::vector<std::vector<Answer>> answer(const Model& model, std::span<const Question> questions,
                                        const AnswerOptions& options = {});
std::vector<Answer> answer(const Model& model, const Question& question, const AnswerOptions& options = {});
Result<std::vector<std::vector<Answer>>> try_answer(const Model& model, std::span<const Question> questions,
                                                    const AnswerOptions& options = {});
Result<std::vector<Answer>> try_answer(const Model& model, const Question& question, const AnswerOptions& options = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tasks/answer-inl.hpp"
#endif
