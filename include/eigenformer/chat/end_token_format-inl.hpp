#pragma once

#include <string>

#include "eigenformer/chat/end_token_format.hpp"
#include "eigenformer/error.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::chat {

EIGENFORMER_INLINE std::vector<TokenId> EndTokenFormat::encode(std::span<const Message> messages) const {
  std::vector<TokenId> ids;
  for (const Message& message : messages) {
    if (message.role != "user" && message.role != "assistant") {
      throw ChatError({.id = "chat.role_unsupported",
                       .expected = "messages of the user and the assistant, for this model knows no others",
                       .found = "one of the role \"" + message.role + "\"",
                       .where = "chat",
                       .remedy = "leave it out, or use a model with a chat template"});
    }
    EncodeOptions options{.add_special_tokens = false, .plain_spans = {}};
    if (!message.content.empty()) options.plain_spans.push_back({0, message.content.size()});
    const std::vector<TokenId> content = tokenizer_.encode(message.content, options);
    ids.insert(ids.end(), content.begin(), content.end());
    ids.push_back(end_);
  }
  return ids;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::chat
