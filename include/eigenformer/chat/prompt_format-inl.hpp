#pragma once

#include <optional>
#include <string>

#include "eigenformer/chat/end_token_format.hpp"
#include "eigenformer/chat/prompt_format.hpp"
#include "eigenformer/chat/template_format.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/model_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::chat {

namespace prompt_format_detail {

[[noreturn]] inline void refuse_without_template(const Model& model) {
  throw ChatError({.id = "chat.no_template",
                   .expected = "a model with a chat template",
                   .found = "a " + model.info().architecture + " model without one",
                   .where = model.info().source,
                   .remedy = "complete text with `run` instead, or pass a template in ChatOptions::chat_template"});
}

[[noreturn]] inline void refuse_without_end_token(const Model& model) {
  throw ChatError({.id = "chat.no_end_token",
                   .expected = "a tokenizer with an end-of-text token, to join the turns by",
                   .found = "one without",
                   .where = model.info().source,
                   .remedy = "use ChatFormat::chat_template"});
}

}  // namespace prompt_format_detail

EIGENFORMER_INLINE std::shared_ptr<const PromptFormat> make_prompt_format(const Model& model,
                                                                          const ChatOptions& options) {
  const Tokenizer& tokenizer = model.tokenizer();
  const std::optional<TokenId> end = tokenizer.end_of_sequence();
  const std::optional<std::string>& source = options.chat_template ? options.chat_template : model.chat_template();
  const bool is_older_than_templates = !source && end && model.state().joins_turns_by_end_token;
  const bool joins_by_end_token = options.format == ChatFormat::automatic && is_older_than_templates;
  if (options.format == ChatFormat::end_token || joins_by_end_token) {
    if (!end) prompt_format_detail::refuse_without_end_token(model);
    return std::make_shared<EndTokenFormat>(tokenizer, *end);
  }
  if (!source) prompt_format_detail::refuse_without_template(model);
  return std::make_shared<TemplateFormat>(tokenizer, *source, TemplateSource{model.info().source, options.date});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::chat
