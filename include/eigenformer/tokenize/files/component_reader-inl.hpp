#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/tokenize/files/component_reader.hpp"
#include "eigenformer/tokenize/utf8_stream.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

using format::Json;

namespace component_reader_detail {

inline const Json& null_value() {
  static const Json null;
  return null;
}

inline std::string shown(const Json& value) {
  if (value.is_text()) return format::in_quotes(value.text());
  if (value.is_object() || value.is_array()) return value.is_object() ? "an object" : "an array";
  return value.dump();
}

}  // namespace component_reader_detail

EIGENFORMER_INLINE ComponentReader::ComponentReader(const Json& object, std::string where)
    : object_(object), where_(std::move(where)) {
  if (object.is_object()) return;
  throw TokenizerError({.id = "tokenizer.not_an_object",
                        .expected = "an object",
                        .found = component_reader_detail::shown(object),
                        .where = where_,
                        .remedy = "download the file again"});
}

EIGENFORMER_INLINE const Json* ComponentReader::find(std::string_view key) {
  asked_.emplace_back(key);
  const Json* const found = object_.find(key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

EIGENFORMER_INLINE const Json& ComponentReader::need(std::string_view key, const char* wanted,
                                                     bool (*fits)(const Json&)) {
  const Json* value = find(key);
  if (value == nullptr) {
    throw TokenizerError({.id = "tokenizer.key_missing",
                          .expected = "the key " + format::in_quotes(key),
                          .found = "none",
                          .where = where_,
                          .remedy = "download the file again"});
  }
  if (fits(*value)) return *value;
  throw TokenizerError({.id = "tokenizer.key_type",
                        .expected = std::string(wanted) + " for the key " + format::in_quotes(key),
                        .found = component_reader_detail::shown(*value),
                        .where = where_,
                        .remedy = "download the file again"});
}

EIGENFORMER_INLINE bool ComponentReader::flag(std::string_view key) {
  return need(key, "true or false", [](const Json& value) { return value.is_boolean(); }).boolean();
}

EIGENFORMER_INLINE bool ComponentReader::flag_or(std::string_view key, bool otherwise) {
  return value(key).is_null() ? otherwise : flag(key);
}

EIGENFORMER_INLINE std::string ComponentReader::text(std::string_view key) {
  return need(key, "a string", [](const Json& value) { return value.is_text(); }).text();
}

EIGENFORMER_INLINE std::optional<std::string> ComponentReader::optional_text(std::string_view key) {
  if (value(key).is_null()) return std::nullopt;
  return text(key);
}

EIGENFORMER_INLINE std::string ComponentReader::character(std::string_view key) {
  std::string found = text(key);
  if (found.empty() || utf8_sequence_at(found, 0).bytes != found.size()) refuse(key, "one character");
  return found;
}

EIGENFORMER_INLINE std::int64_t ComponentReader::integer(std::string_view key) {
  // A number beyond 63 bits is no id.
  const auto fits = [](const Json& value) { return value.is_integer() && !value.exceeds_int64(); };
  return need(key, "a whole number", fits).integer();
}

EIGENFORMER_INLINE const Json& ComponentReader::value(std::string_view key) {
  const Json* value = find(key);
  return value == nullptr ? component_reader_detail::null_value() : *value;
}

EIGENFORMER_INLINE const Json& ComponentReader::array(std::string_view key) {
  return need(key, "an array", [](const Json& value) { return value.is_array(); });
}

EIGENFORMER_INLINE const Json& ComponentReader::object(std::string_view key) {
  return need(key, "an object", [](const Json& value) { return value.is_object(); });
}

EIGENFORMER_INLINE void ComponentReader::each_object(
    const std::string& key, const std::function<void(const Json& item, const std::string& where)>& read) {
  const std::span<const Json> list = array(key).elements();
  for (std::size_t k = 0; k < list.size(); ++k) {
    const std::string where = where_ + "." + key + "[" + std::to_string(k) + "]";
    const ComponentReader check(list[k], where);
    read(list[k], where);
  }
}

EIGENFORMER_INLINE void ComponentReader::refuse(std::string_view key, const std::string& expected) const {
  const auto found = object_.find(key);
  throw TokenizerError(
      {.id = "tokenizer.component",
       .expected = expected,
       .found = format::in_quotes(key) + ": " + (found == nullptr ? "none" : component_reader_detail::shown(*found)),
       .where = where_,
       .remedy = "use a model whose tokenizer this version reads, or the model's GGUF file"});
}

EIGENFORMER_INLINE void ComponentReader::taken(std::string_view key, const std::string& expected) {
  if (!value(key).is_null() || !object_.contains(key)) refuse(key, expected);
}

EIGENFORMER_INLINE void ComponentReader::finish() const {
  for (const auto& [key, value] : object_.members()) {
    if (value.is_null() || std::find(asked_.begin(), asked_.end(), key) != asked_.end()) continue;
    throw TokenizerError({.id = "tokenizer.key_unknown",
                          .expected = "only keys that are understood",
                          .found = format::in_quotes(key) + ": " + component_reader_detail::shown(value),
                          .where = where_,
                          .remedy = "use a version of the library that knows the key"});
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
