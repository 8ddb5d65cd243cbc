#pragma once

#include <nlohmann/json.hpp>

#include "eigenformer/chat/saved_chat.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/format/json.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::chat {

namespace saved_chat_detail {

inline constexpr const char* k_format = "eigenformer chat";
inline constexpr int k_version = 1;
inline constexpr std::uint64_t k_limit_bytes = std::uint64_t{64} << 20U;

/// What was wanted, and where it was not.
struct Unmet {
  std::string expected, where;
};

[[noreturn]] inline void refuse(const Unmet& unmet, const nlohmann::json* found) {
  throw ChatError({.id = "chat.saved",
                   .expected = unmet.expected,
                   .found = found == nullptr        ? "nothing"
                            : found->is_primitive() ? found->dump()
                                                    : found->type_name(),
                   .where = unmet.where,
                   .remedy = "load what Chat::save() has written"});
}

inline const nlohmann::json& member(const nlohmann::json& object, const char* key, const std::string& where) {
  const auto place = object.is_object() ? object.find(key) : object.end();
  if (place == object.end()) refuse({"the key \"" + std::string(key) + "\"", where}, nullptr);
  return *place;
}

inline std::string text_of(const nlohmann::json& object, const char* key, const std::string& where) {
  const nlohmann::json& text = member(object, key, where);
  if (!text.is_string()) refuse({"a text", where + ", " + key}, &text);
  return text.get<std::string>();
}

inline void check_header(const nlohmann::json& saved) {
  const nlohmann::json& name = member(saved, "format", "saved chat");
  if (name != k_format) refuse({"\"" + std::string(k_format) + "\"", "saved chat, format"}, &name);
  const nlohmann::json& version = member(saved, "version", "saved chat");
  if (version != k_version) refuse({std::to_string(k_version), "saved chat, version"}, &version);
}

}  // namespace saved_chat_detail

EIGENFORMER_INLINE std::string write_saved_chat(const std::vector<Message>& messages, const ModelInfo& model) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const Message& message : messages) list.push_back({{"role", message.role}, {"content", message.content}});
  Json saved;
  saved["format"] = saved_chat_detail::k_format;
  saved["version"] = saved_chat_detail::k_version;
  saved["numerics"] = k_numerics_version;
  saved["model"] = {{"source", model.source}, {"architecture", model.architecture}, {"parameters", model.parameters}};
  saved["messages"] = std::move(list);
  return saved.dump(2, ' ', false, Json::error_handler_t::replace);
}

EIGENFORMER_INLINE std::vector<Message> read_saved_chat(std::string_view text) {
  using namespace saved_chat_detail;
  const nlohmann::json saved = format::parse_json(text, "saved chat", {.bytes = k_limit_bytes});
  check_header(saved);
  const nlohmann::json& list = member(saved, "messages", "saved chat");
  if (!list.is_array()) refuse({"a list", "saved chat, messages"}, &list);
  std::vector<Message> messages;
  for (const nlohmann::json& entry : list) {
    const std::string where = "saved chat, message " + std::to_string(messages.size());
    messages.push_back({text_of(entry, "role", where), text_of(entry, "content", where)});
    if (messages.back().role == "system" && messages.size() > 1) {
      refuse({"a system prompt in the first place only", where}, &entry["role"]);
    }
  }
  return messages;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::chat
