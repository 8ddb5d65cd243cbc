#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "eigenformer/chat/context_window.hpp"
#include "eigenformer/error.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::chat {

namespace context_window_detail {

inline bool has_system(const std::vector<Message>& messages) {
  return !messages.empty() && messages.front().role == "system";
}

/// Where turns begin: at each user's message, and at the first message that is not the system's.
inline std::vector<std::size_t> turns_of(const std::vector<Message>& messages) {
  const std::size_t first = has_system(messages) ? 1 : 0;
  std::vector<std::size_t> turns;
  for (std::size_t index = first; index < messages.size(); ++index) {
    if (index == first || messages[index].role == "user") turns.push_back(index);
  }
  return turns;
}

/// The messages without the turns before the one that begins at `first`.
inline std::vector<Message> from_turn(const std::vector<Message>& messages, std::size_t first) {
  std::vector<Message> rest(messages.begin(), messages.begin() + (has_system(messages) ? 1 : 0));
  rest.insert(rest.end(), messages.begin() + static_cast<std::ptrdiff_t>(first), messages.end());
  return rest;
}

[[noreturn]] inline void refuse(std::size_t tokens, const ContextWindow& window) {
  throw ChatError({.id = "chat.message_too_long",
                   .expected = "a message and a system prompt of less than " + std::to_string(window.length) +
                               " tokens together, the context of this chat",
                   .found = std::to_string(tokens),
                   .where = "chat",
                   .remedy = "shorten the message or the system prompt"});
}

}  // namespace context_window_detail

EIGENFORMER_INLINE ContextWindow context_window(const GenerateOptions& options, std::size_t context_length) {
  std::size_t length = context_length;
  if (options.max_length && !options.max_new_tokens) length = std::min(length, *options.max_length);
  const std::size_t wanted = options.max_new_tokens.value_or(k_default_new_tokens);
  return {length, std::max<std::size_t>(1, std::min(wanted, length / 4))};
}

EIGENFORMER_INLINE FittedPrompt fit_prompt(const PromptFormat& format, std::vector<Message> messages,
                                           const ContextWindow& window) {
  const auto encoded_from = [&](std::size_t turn) {
    std::vector<Message> rest = context_window_detail::from_turn(messages, turn);
    std::vector<TokenId> ids = format.encode(rest);
    return FittedPrompt{std::move(rest), std::move(ids)};
  };
  const std::vector<std::size_t> turns = context_window_detail::turns_of(messages);
  FittedPrompt fitted = encoded_from(turns.front());
  if (fitted.ids.size() + window.room > window.length && turns.size() > 1) {
    const std::size_t wanted = window.length - window.length / 4 - window.room;
    const auto first = std::partition_point(turns.begin() + 1, turns.end() - 1,
                                            [&](std::size_t turn) { return encoded_from(turn).ids.size() > wanted; });
    fitted = encoded_from(*first);
  }
  if (fitted.ids.size() >= window.length) context_window_detail::refuse(fitted.ids.size(), window);
  return fitted;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::chat
