// What is behind a Chat.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "eigenformer/chat.hpp"
#include "eigenformer/chat/context_window.hpp"
#include "eigenformer/chat/prompt_format.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/reply_state.hpp"
#include "eigenformer/generate/sequence.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::chat {

struct ChatState {
  ChatState(const Model& model, const ChatOptions& options);

  Model model;
  GenerateOptions generation;
  std::size_t context_length;
  std::shared_ptr<const PromptFormat> format;
  std::shared_ptr<generation::Forward> forward;
  std::vector<Message> messages;
  generation::Sequence sequence;  ///< what has been computed; while a reply is going on, the reply has it
  std::uint64_t turn = 0;         ///< changes with every turn and all else that outdates the reply of a turn before

  generation::Sequence fresh_sequence() const;
  /// Puts other messages in place, once they are known to make a prompt.
  void replace_messages(std::vector<Message> messages);
};

/// Begins the answer to what the user says now.
Reply begin_turn(const std::shared_ptr<ChatState>& state, std::string_view text, const GenerateOptions& options);

}  // namespace eigenformer::inline EIGENFORMER_ABI::chat

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/chat/chat_state-inl.hpp"
#endif
