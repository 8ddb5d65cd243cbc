// What is behind a Chat.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
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
  /// The prompt of a turn in which the user says `text`.
  FittedPrompt prompt_with(std::string_view text, const ContextWindow& window) const;
  /// Puts other messages in place, once they are known to make a prompt.
  void replace_messages(std::vector<Message> messages);
};

/// Which of these the answer to `text` would be.
Chosen choose_answer(ChatState& state, std::string_view text, std::span<const std::string> choices,
                     const ChooseOptions& options);

/// Has a scheduler compute the answer to what the user says now.
Request submit_turn(const std::shared_ptr<ChatState>& state, Scheduler& scheduler, std::string_view text,
                    TextCallback on_text);

/// Begins the answer to what the user says now.
Reply begin_turn(const std::shared_ptr<ChatState>& state, std::string_view text, const GenerateOptions& options);

}  // namespace eigenformer::inline EIGENFORMER_ABI::chat

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/chat/chat_state-inl.hpp"
#endif
