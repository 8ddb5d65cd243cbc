#pragma once

#include <algorithm>
#include <iterator>
#include <utility>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/tasks/answer.hpp"
#include "eigenformer/tasks/answer_spans.hpp"
#include "eigenformer/tasks/encoded_texts.hpp"
#include "eigenformer/tasks/require_head.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace answer_detail {

inline constexpr std::size_t k_default_max_length = 384;
inline constexpr std::size_t k_default_stride = 128;

inline void check(std::span<const Question> questions, const AnswerOptions& options, const Model& model) {
  for (const Question& question : questions) {
    if (!question.question.empty() && !question.context.empty()) continue;
    throw UsageError({.id = "usage.question_empty",
                      .expected = "a question and a context to find its answer in",
                      .found = question.question.empty() ? "an empty question" : "an empty context",
                      .where = "",
                      .remedy = "pass some text for both"});
  }
  const auto refuse = [](const char* option, const std::string& expected, std::size_t found) {
    throw UsageError({.id = "usage.option_range",
                      .expected = expected,
                      .found = std::to_string(found),
                      .where = option,
                      .remedy = "choose a value in that range"});
  };
  if (options.top_k == 0) refuse("top_k", "at least 1", 0);
  if (options.max_answer_length == 0) refuse("max_answer_length", "at least 1", 0);
  if (options.max_length > model.info().context_length) {
    refuse("max_length", "at most " + std::to_string(model.info().context_length) + ", the model's context",
           *options.max_length);
  }
}

inline TruncateOptions window_options(const Model& model, const AnswerOptions& options) {
  const std::size_t max_length =
      options.max_length.value_or(std::min(model.info().context_length, k_default_max_length));
  return {.max_length = max_length,
          .strategy = TruncationStrategy::only_second,
          .stride = options.stride.value_or(std::min(max_length / 2, k_default_stride))};
}

/// The windows of every question, one after the other.
struct Windows {
  std::vector<Encoding> encodings;
  std::vector<std::size_t> questions;  ///< by window: its question
};

[[noreturn]] inline void refuse_long(std::size_t question, const TruncateOptions& window) {
  throw UsageError({.id = "usage.truncation",
                    .expected = "a question that leaves its context more than the stride of " +
                                std::to_string(window.stride) + " tokens in a window of " +
                                std::to_string(window.max_length),
                    .found = "one that leaves no more",
                    .where = "text " + std::to_string(question),
                    .remedy = "shorten the question, or choose longer windows or a shorter stride"});
}

inline Windows windows_of(const Model& model, std::span<const Question> questions, const AnswerOptions& options) {
  const TruncateOptions window = window_options(model, options);
  Windows windows;
  for (std::size_t index = 0; index < questions.size(); ++index) {
    Result<std::vector<Encoding>> encoded = model.tokenizer().try_encode_windows(
        {.first = questions[index].question, .second = questions[index].context}, window);
    if (!encoded.ok() && encoded.error().id == "usage.truncation") refuse_long(index, window);
    std::vector<Encoding> parts = std::move(encoded).value();
    windows.questions.insert(windows.questions.end(), parts.size(), index);
    std::move(parts.begin(), parts.end(), std::back_inserter(windows.encodings));
  }
  return windows;
}

}  // namespace answer_detail

EIGENFORMER_INLINE std::vector<std::vector<Answer>> answer(const Model& model, std::span<const Question> questions,
                                                           const AnswerOptions& options) {
  tasks::require_head(model, {ModelHead::question_answering}, "answer");
  answer_detail::check(questions, options, model);
  const answer_detail::Windows windows = answer_detail::windows_of(model, questions, options);
  std::vector<tasks::AnswerList> lists;
  for (const Question& question : questions) lists.emplace_back(question.context, options);
  tasks::run_encodings(model, windows.encodings, {"start_logits", "end_logits"},
                       [&](const tasks::TextOutputs& outputs) {
                         const tasks::AnswerWindow window{.encoding = windows.encodings[outputs.text()],
                                                          .no_answer = model.tokenizer().classifier(),
                                                          .starts = outputs["start_logits"],
                                                          .ends = outputs["end_logits"]};
                         lists[windows.questions[outputs.text()]].add(window);
                       });
  std::vector<std::vector<Answer>> results;
  results.reserve(lists.size());
  for (tasks::AnswerList& list : lists) results.push_back(std::move(list).best());
  return results;
}

EIGENFORMER_INLINE std::vector<Answer> answer(const Model& model, const Question& question,
                                              const AnswerOptions& options) {
  return std::move(answer(model, std::span(&question, 1), options).front());
}

EIGENFORMER_INLINE Result<std::vector<std::vector<Answer>>> try_answer(const Model& model,
                                                                       std::span<const Question> questions,
                                                                       const AnswerOptions& options) {
  return attempt([&] { return answer(model, questions, options); });
}
EIGENFORMER_INLINE Result<std::vector<Answer>> try_answer(const Model& model, const Question& question,
                                                          const AnswerOptions& options) {
  return attempt([&] { return answer(model, question, options); });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
