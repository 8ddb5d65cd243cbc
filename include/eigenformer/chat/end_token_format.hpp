// Turns joined by the end-of-text token: https://huggingface.co/microsoft/DialoGPT-large ("How to use"),
// https://arxiv.org/abs/1911.00536, section 3.1.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "eigenformer/chat/prompt_format.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::chat {

class EndTokenFormat final : public PromptFormat {
 public:
  EndTokenFormat(Tokenizer tokenizer, TokenId end) : tokenizer_(std::move(tokenizer)), end_(end) {}
  /// Special tokens in messages are read as text. Throws ChatError "chat.role_unsupported" for any role but "user" and
  /// "assistant".
  std::vector<TokenId> encode(std::span<const Message> messages) const override;

 private:
  Tokenizer tokenizer_;
  TokenId end_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::chat

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/chat/end_token_format-inl.hpp"
#endif
