// Prompts by a model's own chat template.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/chat/prompt_format.hpp"
#include "eigenformer/chat/template/template.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::chat {

struct TemplateSource {
  std::string model;  ///< what messages say where the template came from
  std::optional<DateTime> date;
};

/// The role of a message. Templates make special tokens of roles ("<|" + role + "|>"), so those that models are trained
/// with are trusted; any other counts as content, lest a role such as "endoftext" end the prompt.
Value role_value(std::string role);

class TemplateFormat final : public PromptFormat {
 public:
  /// Throws ChatError where the template has what the interpreter does not know.
  TemplateFormat(Tokenizer tokenizer, std::string_view source, const TemplateSource& from);

  /// What transformers' apply_chat_template(messages, tokenize=True, add_generation_prompt=True) gives, but that
  /// special tokens in a message's content are read as text: the whole prompt is tokenized at once, with special tokens
  /// matched outside of the spans that came from content.
  std::vector<TokenId> encode(std::span<const Message> messages) const override;

 private:
  Tokenizer tokenizer_;
  Template template_;
  RenderOptions render_options_;
  std::vector<std::pair<std::string, Value>> variables_;  // bos_token and its like
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::chat

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/chat/template_format-inl.hpp"
#endif
