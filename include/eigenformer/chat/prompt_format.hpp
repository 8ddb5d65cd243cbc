// From messages to the token ids of a prompt.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "eigenformer/chat.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::chat {

/// Immutable; any number of threads may use it.
class PromptFormat {
 public:
  virtual ~PromptFormat() = default;
  /// The ids of the whole prompt, up to where the assistant's answer begins. Throws ChatError where there is no way to
  /// say these messages.
  virtual std::vector<TokenId> encode(std::span<const Message> messages) const = 0;
};

/// What the options ask for and the model has. Throws ChatError "chat.no_template", "chat.no_end_token", and what
/// compiling a template throws.
std::shared_ptr<const PromptFormat> make_prompt_format(const Model& model, const ChatOptions& options);

}  // namespace eigenformer::inline EIGENFORMER_ABI::chat

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/chat/prompt_format-inl.hpp"
#endif
