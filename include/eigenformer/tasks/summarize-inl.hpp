#pragma once

#include <utility>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/model_state.hpp"
#include "eigenformer/tasks/summarize.hpp"
#include "eigenformer/tasks/written_text.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace summarize_detail {

inline std::string prefix_of(const ModelState& model) {
  const auto& prefixes = model.generation_defaults.task_prefixes;
  const auto found = prefixes.find("summarization");
  if (found != prefixes.end()) return found->second;
  if (model.generation_defaults.prefix) return *model.generation_defaults.prefix;
  return model.is_told_task_by_prefix ? "summarize: " : "";
}

}  // namespace summarize_detail

EIGENFORMER_INLINE std::vector<std::string> summarize(const Model& model, std::span<const std::string_view> texts,
                                                      const SummarizeOptions& options) {
  tasks::require_writer(model, "summarize");
  tasks::WritingPlan plan{.prefix = options.prefix.value_or(summarize_detail::prefix_of(model.state())),
                          .long_text = options.long_text,
                          .generation = options.generation,
                          .unsaid = options.unsaid};
  static_cast<void>(model.tokenizer());  // says so where there is none, even without a text
  return tasks::write_about_all(model, texts, std::move(plan));
}

EIGENFORMER_INLINE std::string summarize(const Model& model, std::string_view text, const SummarizeOptions& options) {
  return std::move(summarize(model, std::span(&text, 1), options).front());
}

EIGENFORMER_INLINE Result<std::vector<std::string>> try_summarize(const Model& model,
                                                                  std::span<const std::string_view> texts,
                                                                  const SummarizeOptions& options) {
  return attempt([&] { return summarize(model, texts, options); });
}
EIGENFORMER_INLINE Result<std::string> try_summarize(const Model& model, std::string_view text,
                                                     const SummarizeOptions& options) {
  return attempt([&] { return summarize(model, text, options); });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
