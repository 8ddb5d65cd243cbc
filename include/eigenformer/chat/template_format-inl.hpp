#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/chat/template_format.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::chat {

namespace template_format_detail {

/// What every prompt of this tokenizer is rendered with: the special tokens that transformers hands to a template,
/// where there are any, and none for `tools` and `documents`, which transformers always defines.
inline std::vector<std::pair<std::string, Value>> fixed_variables(const Tokenizer& tokenizer) {
  std::vector<std::pair<std::string, Value>> variables{
      {"add_generation_prompt", Value::boolean(true)}, {"tools", Value()}, {"documents", Value()}};
  const auto add = [&](const char* name, std::optional<TokenId> id) {
    if (id) variables.emplace_back(name, Value::text(tokenizer.token(*id)));
  };
  add("bos_token", tokenizer.beginning_of_sequence());
  add("eos_token", tokenizer.end_of_sequence());
  add("unk_token", tokenizer.unknown());
  add("pad_token", tokenizer.padding());
  return variables;
}

inline Value message_value(const Message& message) {
  return Value::object(
      {{"role", role_value(message.role)}, {"content", Value::text(message.content, Provenance::content)}});
}

}  // namespace template_format_detail

EIGENFORMER_INLINE Value role_value(std::string role) {
  constexpr std::string_view k_known[] = {"system",   "user",  "assistant",   "tool",        "developer",
                                          "function", "model", "environment", "observation", "ipython"};
  const bool known = std::ranges::find(k_known, role) != std::end(k_known);
  return Value::text(std::move(role), known ? Provenance::trusted : Provenance::content);
}

EIGENFORMER_INLINE TemplateFormat::TemplateFormat(Tokenizer tokenizer, std::string_view source,
                                                  const TemplateSource& from)
    : tokenizer_(std::move(tokenizer)),
      template_(Template::compile(source, "chat template of " + from.model)),
      render_options_{.now = from.date},
      variables_(template_format_detail::fixed_variables(tokenizer_)) {}

EIGENFORMER_INLINE std::vector<TokenId> TemplateFormat::encode(std::span<const Message> messages) const {
  std::vector<Value> values;
  values.reserve(messages.size());
  for (const Message& message : messages) values.push_back(template_format_detail::message_value(message));
  std::vector<std::pair<std::string, Value>> variables = variables_;
  variables.emplace_back("messages", Value::list(std::move(values)));
  const RenderedTemplate prompt = template_.render(Value::object(std::move(variables)), render_options_);
  EncodeOptions options{.add_special_tokens = false, .plain_spans = {}};
  for (const auto& span : prompt.content_spans) options.plain_spans.push_back({span.begin, span.end});
  return tokenizer_.encode(prompt.text, options);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::chat
