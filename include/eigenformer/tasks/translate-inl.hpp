#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/model_state.hpp"
#include "eigenformer/tasks/translate.hpp"
#include "eigenformer/tasks/written_text.hpp"
#include "eigenformer/tokenize/languages.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace translate_detail {

[[noreturn]] inline void refuse_missing(const char* option, const std::string& expected) {
  throw UsageError({.id = "usage.language_missing",
                    .expected = expected,
                    .found = "none",
                    .where = option,
                    .remedy = "name the language by its code or its English name"});
}

inline std::string needed_target(const Tokenizer& tokenizer) {
  return "the language to translate into, for example " + tokenize::listed_languages(tokenizer.languages());
}

inline bool is_language(const Tokenizer& tokenizer, std::optional<TokenId> token) {
  const std::vector<std::string> codes = tokenizer.languages();
  return token && std::any_of(codes.begin(), codes.end(),
                              [&](const std::string& code) { return tokenizer.language_token(code) == *token; });
}

/// mBART's first models name no start token: what stands behind their texts, the language, begins the decoder's.
inline bool takes_over_language(const Tokenizer& tokenizer, const GenerationDefaults& defaults) {
  const std::vector<TokenId> empty_text = tokenizer.encode("");
  return !empty_text.empty() && is_language(tokenizer, empty_text.back()) &&
         defaults.decoder_start_token == defaults.begin_token;
}

/// Tokens around the source, and one that the translation begins with: in the decoder's start token's place (mBART) or
/// behind it.
inline void mark_source(const Model& model, const TranslateOptions& options, tasks::WritingPlan& plan) {
  const Tokenizer& tokenizer = model.tokenizer();
  const GenerationDefaults& defaults = model.state().generation_defaults;
  plan.encode.source_language = options.from;
  const bool names_language = is_language(tokenizer, defaults.decoder_start_token);
  if (options.to.empty()) {
    if (!names_language && defaults.forced_first_tokens.empty() && plan.generation.forced_first_tokens.empty()) {
      refuse_missing("to", needed_target(tokenizer));
    }
    return;
  }
  const TokenId token = tokenizer.language_token(options.to);
  if (names_language || takes_over_language(tokenizer, defaults)) {
    plan.generation.decoder_start_token = token;
  } else {
    plan.generation.forced_first_tokens = {token};
  }
}

/// A token before the source: ">>fra<< ".
inline void mark_target(const Model& model, const TranslateOptions& options, tasks::WritingPlan& plan) {
  tasks::refuse_language("from", options.from, "is told only the language to translate into");
  if (options.to.empty()) return;
  const Tokenizer& tokenizer = model.tokenizer();
  plan.prefix += tokenizer.token(tokenizer.language_token(options.to)) + " ";
}

inline tokenize::LanguageName named(const char* option, const std::string& language) {
  if (language.empty()) {
    refuse_missing(option, std::string("the language to translate ") + (option[0] == 'f' ? "from" : "into"));
  }
  if (const auto name = tokenize::find_language_name(language)) return *name;
  throw UsageError({.id = "usage.language",
                    .expected = "a language by its code of ISO 639 or its English name",
                    .found = "\"" + language + "\"",
                    .where = option,
                    .remedy = "name another language"});
}

/// A sentence before the source.
inline void tell_task(const Model& model, const TranslateOptions& options, tasks::WritingPlan& plan) {
  const tokenize::LanguageName from = named("from", options.from), to = named("to", options.to);
  const auto& prefixes = model.state().generation_defaults.task_prefixes;
  const auto found = prefixes.find("translation_" + std::string(from.code) + "_to_" + std::string(to.code));
  plan.prefix = found != prefixes.end() ? found->second
                                        : "translate " + std::string(from.name) + " to " + std::string(to.name) + ": ";
}

inline tasks::WritingPlan plan_of(const Model& model, const TranslateOptions& options) {
  tasks::WritingPlan plan{.prefix = model.state().generation_defaults.prefix.value_or(""),
                          .long_text = options.long_text,
                          .generation = options.generation,
                          .unsaid = options.unsaid};
  switch (model.tokenizer().language_marks()) {
    case LanguageMarks::source: mark_source(model, options, plan); return plan;
    case LanguageMarks::target: mark_target(model, options, plan); return plan;
    case LanguageMarks::none: break;
  }
  if (model.state().is_told_task_by_prefix) {
    tell_task(model, options, plan);
  } else {
    tasks::refuse_language("from", options.from, "is told none");
    tasks::refuse_language("to", options.to, "is told none");
  }
  return plan;
}

/// Where the text itself has to say what it is to become.
inline void check_marked(const Model& model, std::string_view text, const TranslateOptions& options) {
  if (model.tokenizer().language_marks() != LanguageMarks::target || !options.to.empty()) return;
  if (!text.starts_with(">>")) refuse_missing("to", needed_target(model.tokenizer()));
}

}  // namespace translate_detail

EIGENFORMER_INLINE std::vector<std::string> translate(const Model& model, std::span<const std::string_view> texts,
                                                      const TranslateOptions& options) {
  tasks::require_writer(model, "translate");
  tasks::WritingPlan plan = translate_detail::plan_of(model, options);
  for (const std::string_view text : texts) translate_detail::check_marked(model, text, options);
  return tasks::write_about_all(model, texts, std::move(plan));
}

EIGENFORMER_INLINE std::string translate(const Model& model, std::string_view text, const TranslateOptions& options) {
  return std::move(translate(model, std::span(&text, 1), options).front());
}

EIGENFORMER_INLINE Result<std::vector<std::string>> try_translate(const Model& model,
                                                                  std::span<const std::string_view> texts,
                                                                  const TranslateOptions& options) {
  return attempt([&] { return translate(model, texts, options); });
}
EIGENFORMER_INLINE Result<std::string> try_translate(const Model& model, std::string_view text,
                                                     const TranslateOptions& options) {
  return attempt([&] { return translate(model, text, options); });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
