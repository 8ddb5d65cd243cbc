// Summaries by encoder-decoders. A light header.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/tasks/long_text.hpp"
#include "eigenformer/tasks/unsaid_options.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

struct SummarizeOptions {
  /// What is put before each text. None: what task_specific_params of config.json says for summaries, else its
  /// "prefix", else "summarize: " for models that are told what to do so (T5), else nothing.
  std::optional<std::string> prefix = {};
  LongText long_text = LongText::refuse;
  /// What does not stand at its default goes before what the model's own generation_config.json says, and all else is
  /// as that file has it: many of these models search with several beams, or say nothing twice. num_beams 1 follows one
  /// text alone. Whatever num_return_sequences says, a text becomes one text.
  GenerateOptions generation = {};
  /// To say a default against the file: `auto options = generation_options(model); options.min_length = 0;`, and
  /// `{.generation = options, .unsaid = UnsaidOptions::defaults}`.
  UnsaidOptions unsaid = UnsaidOptions::of_model;
};

/// The summary of each text, one after the other.
///
/// Throws UsageError "usage.task" for a model that is no encoder-decoder with a head for texts,
/// "usage.prompt_too_long"; what `generate` and `generation_options` throw; TokenizerError where the model came without
/// a tokenizer.
std::vector<std::string> summarize(const Model& model, std::span<const std::string_view> texts,
                                   const SummarizeOptions& options = {});
std::string summarize(const Model& model, std::string_view text, const SummarizeOptions& options = {});
Result<std::vector<std::string>> try_summarize(const Model& model, std::span<const std::string_view> texts,
                                               const SummarizeOptions& options = {});
Result<std::string> try_summarize(const Model& model, std::string_view text, const SummarizeOptions& options = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tasks/summarize-inl.hpp"
#endif
