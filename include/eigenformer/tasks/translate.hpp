// Translations by encoder-decoders. A light header.
#pragma once

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

/// Languages are named as `Tokenizer::language_token` has it: by the model's code ("fr_XX", "fra_Latn"), by a code of
/// ISO 639 ("fr", "fra"), or by their English name ("French").
struct TranslateOptions {
  std::string from = {};  ///< empty: the one that the model's files name, or the only one it reads
  std::string to = {};    ///< empty: the only one it writes
  LongText long_text = LongText::refuse;
  /// What does not stand at its default goes before what the model's own generation_config.json says, and all else is
  /// as that file has it: many of these models search with several beams, or say nothing twice. num_beams 1 follows one
  /// text alone. Whatever num_return_sequences says, a text becomes one text.
  GenerateOptions generation = {};
  /// To say a default against the file: `auto options = generation_options(model); options.min_length = 0;`, and
  /// `{.generation = options, .unsaid = UnsaidOptions::defaults}`.
  UnsaidOptions unsaid = UnsaidOptions::of_model;
};

/// The translation of each text, one after the other. How the model is told of the languages is up to it: by tokens
/// around the source and at the begin of the translation (mBART, M2M100, NLLB), by a token before the source (the
/// Marian models of several languages; a text may begin with it already), or by a sentence before it ("translate
/// English to German: ", T5; what task_specific_params of config.json says, if it knows the pair). Other models read
/// "prefix" of config.json before each text, where it is there.
///
/// Throws UsageError "usage.task" for a model that is no encoder-decoder with a head for texts, "usage.language" for a
/// language that it lacks or has no use for, "usage.language_missing" where it needs one, "usage.prompt_too_long"; what
/// `generate` and `generation_options` throw; TokenizerError where the model came without a tokenizer.
std::vector<std::string> translate(const Model& model, std::span<const std::string_view> texts,
                                   const TranslateOptions& options = {});
std::string translate(const Model& model, std::string_view text, const TranslateOptions& options = {});
Result<std::vector<std::string>> try_translate(const Model& model, std::span<const std::string_view> texts,
                                               const TranslateOptions& options = {});
Result<std::string> try_translate(const Model& model, std::string_view text, const TranslateOptions& options = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tasks/translate-inl.hpp"
#endif
