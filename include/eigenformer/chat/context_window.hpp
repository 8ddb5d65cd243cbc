// Which messages still fit a context.
#pragma once

#include <cstddef>
#include <vector>

#include "eigenformer/chat.hpp"
#include "eigenformer/chat/prompt_format.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::chat {

/// Tokens that a prompt and its answer may have together, and how many of them are kept free for the answer.
struct ContextWindow {
  std::size_t length = 0;
  std::size_t room = 0;
};

/// The window that the options ask for inside a context: with room for all new tokens, but for no more than a quarter.
ContextWindow context_window(const GenerateOptions& options, std::size_t context_length);

struct FittedPrompt {
  std::vector<Message> messages;  ///< those that are left
  std::vector<TokenId> ids;
};

/// Encodes the messages, the last of which is what the user says now. Where they do not fit, the oldest turns go (a
/// user's message and all up to the next one), as few as it takes to leave a quarter of the window free besides the
/// room; a system prompt stays. Throws ChatError "chat.message_too_long" where the last turn alone does not fit.
FittedPrompt fit_prompt(const PromptFormat& format, std::vector<Message> messages, const ContextWindow& window);

}  // namespace eigenformer::inline EIGENFORMER_ABI::chat

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/chat/context_window-inl.hpp"
#endif
