// Texts as a task's model reads them, and their way through it; for the library's own rooms.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/tasks/long_text.hpp"
#include "eigenformer/tasks/text_batch.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tasks {

/// Refuses a language for a model that `why`.
inline void refuse_language(const char* option, const std::string& language, const char* why) {
  if (language.empty()) return;
  throw UsageError({.id = "usage.language",
                    .expected = std::string("no language for a model that ") + why,
                    .found = "\"" + language + "\"",
                    .where = option,
                    .remedy = "leave the language out"});
}

/// Refuses the text of that number where it has more tokens than may be.
inline void require_length(std::size_t number, std::size_t tokens, std::size_t most) {
  if (tokens <= most) return;
  throw UsageError({.id = "usage.prompt_too_long",
                    .expected = "at most " + std::to_string(most) + " tokens",
                    .found = std::to_string(tokens),
                    .where = "text " + std::to_string(number),
                    .remedy = "shorten the text, or have it cut: LongText::cut, --truncate"});
}

/// The text of that number as tokens, whole or, where that is allowed, cut to the model's context.
inline Encoding encode_text(const Model& model, std::size_t number, const TextPair& text, LongText long_text) {
  const std::size_t context_length = model.info().context_length;
  Encoding encoding = model.tokenizer().encode_pair(text);
  if (long_text == LongText::cut && encoding.ids.size() > context_length) {
    encoding = model.tokenizer().encode_truncated(text, {.max_length = context_length});
  }
  require_length(number, encoding.ids.size(), context_length);
  return encoding;
}

inline std::vector<Encoding> encode_texts(const Model& model, std::span<const TextPair> texts, LongText long_text) {
  static_cast<void>(model.tokenizer());  // says so where there is none, even without a text
  std::vector<Encoding> encodings;
  encodings.reserve(texts.size());
  for (const TextPair& text : texts) encodings.push_back(encode_text(model, encodings.size(), text, long_text));
  return encodings;
}

/// Runs encodings through the model (text_batch.hpp); `outputs` are the names that are wanted, none for all.
inline void run_encodings(const Model& model, std::span<const Encoding> encodings, std::vector<std::string> outputs,
                          const TextOutputsCallback& use) {
  std::vector<TextInput> inputs;
  inputs.reserve(encodings.size());
  for (const Encoding& encoding : encodings) inputs.push_back(TextInput::of(encoding, model));
  run_texts(model, inputs, {.outputs = std::move(outputs)}, use);
}

/// What an output of a classifier is called; "LABEL_7" where the config names fewer.
inline std::string label_of(const Model& model, std::size_t output) {
  const std::vector<std::string>& labels = model.info().labels;
  return output < labels.size() ? labels[output] : "LABEL_" + std::to_string(output);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tasks
