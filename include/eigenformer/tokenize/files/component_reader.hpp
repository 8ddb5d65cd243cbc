// Strict reading of one object of tokenizer.json: every key is asked for, or is an error.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/json_value.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Errors are TokenizerError: "tokenizer.key_missing", "tokenizer.key_type", "tokenizer.key_unknown",
/// "tokenizer.component" (a type or a value that is not supported).
class ComponentReader {
 public:
  /// `where` is for messages: "folder/tokenizer.json, pre_tokenizer". The object outlives the reader.
  ComponentReader(const format::Json& object, std::string where);

  bool flag(std::string_view key);
  bool flag_or(std::string_view key, bool otherwise);
  std::string text(std::string_view key);
  /// Nothing where the key is absent or null.
  std::optional<std::string> optional_text(std::string_view key);
  /// A string of one character, as UTF-8.
  std::string character(std::string_view key);
  std::int64_t integer(std::string_view key);
  /// Any value; null where the key is absent.
  const format::Json& value(std::string_view key);
  /// An array; key_missing, key_type.
  const format::Json& array(std::string_view key);
  const format::Json& object(std::string_view key);
  /// Calls `read(item, where)` for every item of an array, which are all objects; `where` names the item's place.
  void each_object(const std::string& key,
                   const std::function<void(const format::Json& item, const std::string& where)>& read);
  void ignore(std::string_view key) { asked_.emplace_back(key); }
  /// A key that is there with the value null: its value has been taken out of the file before. Else refuses it.
  void taken(std::string_view key, const std::string& expected);

  /// Refuses a value that is not supported: "expected <expected>, found <key> = <value>".
  [[noreturn]] void refuse(std::string_view key, const std::string& expected) const;
  /// Every key must have been asked for.
  void finish() const;
  const std::string& where() const { return where_; }

 private:
  const format::Json* find(std::string_view key);
  const format::Json& need(std::string_view key, const char* wanted, bool (*fits)(const format::Json&));

  const format::Json& object_;
  std::string where_;
  std::vector<std::string> asked_;
};

/// Whether it is the id of a token, for which the vocabulary has a place.
inline bool is_id_below(std::size_t vocabulary_size, const format::Json& value) {
  return value.is_integer() && value.integer() >= 0 && static_cast<std::uint64_t>(value.integer()) < vocabulary_size;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/files/component_reader-inl.hpp"
#endif
