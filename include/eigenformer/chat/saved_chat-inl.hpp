#pragma once

#include "eigenformer/chat/saved_chat.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/format/json.hpp"
#include "eigenformer/format/json_writer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::chat {

namespace saved_chat_detail {

using format::Json;

inline constexpr const char* k_format = "eigenformer chat";
inline constexpr int k_version = 1;
inline constexpr std::uint64_t k_limit_bytes = std::uint64_t{64} << 20U;

/// What was wanted, and where it was not.
struct Unmet {
  std::string expected, where;
};

[[noreturn]] inline void refuse(const Unmet& unmet, const Json* found) {
  throw ChatError({.id = "chat.saved",
                   .expected = unmet.expected,
                   .found = found == nullptr                          ? "nothing"
                            : found->is_array() || found->is_object() ? found->type_name()
                                                                      : found->dump(),
                   .where = unmet.where,
                   .remedy = "load what Chat::save() has written"});
}

inline const Json& member(const Json& object, const char* key, const std::string& where) {
  const Json* const place = object.find(key);
  if (place == nullptr) refuse({"the key \"" + std::string(key) + "\"", where}, nullptr);
  return *place;
}

inline std::string text_of(const Json& object, const char* key, const std::string& where) {
  const Json& text = member(object, key, where);
  if (!text.is_text()) refuse({"a text", where + ", " + key}, &text);
  return text.text();
}

inline void check_header(const Json& saved) {
  const Json& name = member(saved, "format", "saved chat");
  if (!name.is_text() || name.text() != k_format)
    refuse({"\"" + std::string(k_format) + "\"", "saved chat, format"}, &name);
  const Json& version = member(saved, "version", "saved chat");
  if (!version.is_number() || version.number() != k_version)
    refuse({std::to_string(k_version), "saved chat, version"}, &version);
}

inline void write_text(format::JsonWriter& saved, std::string_view key, std::string_view text) {
  saved.key(key);
  saved.text(text);
}
inline void write_number(format::JsonWriter& saved, std::string_view key, std::uint64_t number) {
  saved.key(key);
  saved.unsigned_integer(number);
}

}  // namespace saved_chat_detail

EIGENFORMER_INLINE std::string write_saved_chat(const std::vector<Message>& messages, const ModelInfo& model) {
  using namespace saved_chat_detail;
  format::JsonWriter saved({.indent = 2});
  saved.begin_object();
  write_text(saved, "format", k_format);
  write_number(saved, "version", k_version);
  write_number(saved, "numerics", k_numerics_version);
  saved.key("model");
  saved.begin_object();
  write_text(saved, "source", model.source);
  write_text(saved, "architecture", model.architecture);
  write_number(saved, "parameters", model.parameters);
  saved.end_object();
  saved.key("messages");
  saved.begin_array();
  for (const Message& message : messages) {
    saved.begin_object();
    write_text(saved, "role", message.role);
    write_text(saved, "content", message.content);
    saved.end_object();
  }
  saved.end_array();
  saved.end_object();
  return saved.take();
}

EIGENFORMER_INLINE std::vector<Message> read_saved_chat(std::string_view text) {
  using namespace saved_chat_detail;
  const Json saved = format::parse_json(text, "saved chat", {.bytes = k_limit_bytes});
  check_header(saved);
  const Json& list = member(saved, "messages", "saved chat");
  if (!list.is_array()) refuse({"a list", "saved chat, messages"}, &list);
  std::vector<Message> messages;
  for (const Json& entry : list.elements()) {
    const std::string where = "saved chat, message " + std::to_string(messages.size());
    messages.push_back({text_of(entry, "role", where), text_of(entry, "content", where)});
    if (messages.back().role == "system" && messages.size() > 1) {
      refuse({"a system prompt in the first place only", where}, entry.find("role"));
    }
  }
  return messages;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::chat
