// A chat as JSON text: {"format": "eigenformer chat", "version": 1, "numerics": .., "model": {..}, "messages":
// [{"role": .., "content": ..}, ..]}.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/chat.hpp"
#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::chat {

/// Bytes that are no UTF-8 are written as U+FFFD.
std::string write_saved_chat(const std::vector<Message>& messages, const ModelInfo& model);

/// Throws FormatError "format.json_*" where it is no JSON, ChatError "chat.saved" where it is no saved chat.
std::vector<Message> read_saved_chat(std::string_view text);

}  // namespace eigenformer::inline EIGENFORMER_ABI::chat

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/chat/saved_chat-inl.hpp"
#endif
