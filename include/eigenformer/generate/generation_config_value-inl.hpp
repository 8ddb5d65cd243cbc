#pragma once

#include <limits>
#include <span>

#include "eigenformer/error.hpp"
#include "eigenformer/generate/generation_config_value.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace generation_config_value_detail {

using format::Json;

inline bool is_count(const Json& value) { return value.is_integer() && value.integer() >= 0; }

}  // namespace generation_config_value_detail

EIGENFORMER_INLINE void GenerationConfigValue::refuse(const std::string& expected) const {
  constexpr std::size_t k_shown_bytes = 80;
  throw ConfigError({.id = "config.generation_key",
                     .expected = expected,
                     .found = value.escaped().substr(0, k_shown_bytes),
                     .where = where + ", " + key,
                     .remedy = "change or remove the key"});
}

EIGENFORMER_INLINE std::size_t GenerationConfigValue::count() const {
  if (!generation_config_value_detail::is_count(value)) refuse("a whole number of 0 or more");
  return static_cast<std::size_t>(value.integer());
}

EIGENFORMER_INLINE double GenerationConfigValue::number() const {
  if (!value.is_number()) refuse("a number");
  return value.number();
}

EIGENFORMER_INLINE bool GenerationConfigValue::flag() const {
  if (!value.is_boolean()) refuse("true or false");
  return value.boolean();
}

EIGENFORMER_INLINE EarlyStopping GenerationConfigValue::early_stopping() const {
  if (value.is_text() && value.text() == "never") return EarlyStopping::never;
  if (!value.is_boolean()) refuse("true, false or \"never\"");
  return value.boolean() ? EarlyStopping::yes : EarlyStopping::no;
}

EIGENFORMER_INLINE std::vector<TokenId> GenerationConfigValue::tokens() const {
  std::vector<TokenId> ids;
  for (const format::Json& id : value.one_or_more()) {
    if (!generation_config_value_detail::is_count(id) || id.integer() > std::numeric_limits<TokenId>::max()) {
      refuse("a token id or a list of them");
    }
    ids.push_back(static_cast<TokenId>(id.integer()));
  }
  return ids;
}

EIGENFORMER_INLINE TokenId GenerationConfigValue::token() const {
  const std::vector<TokenId> ids = tokens();
  if (ids.size() != 1) refuse("a token id");
  return ids[0];
}

EIGENFORMER_INLINE std::vector<std::vector<TokenId>> GenerationConfigValue::sequences() const {
  std::vector<std::vector<TokenId>> list;
  for (const format::Json& ids : value.one_or_more()) {
    if (ids.elements().empty()) refuse("a list of lists of token ids");
    list.push_back(GenerationConfigValue{where, key, ids}.tokens());
  }
  return list;
}

EIGENFORMER_INLINE std::vector<std::string> GenerationConfigValue::texts() const {
  std::vector<std::string> list;
  for (const format::Json& text : value.one_or_more()) {
    if (!text.is_text()) refuse("a text or a list of them");
    list.push_back(text.text());
  }
  return list;
}

EIGENFORMER_INLINE std::vector<TokenBias> GenerationConfigValue::biases() const {
  std::vector<TokenBias> list;
  for (const format::Json& one : value.one_or_more()) {
    const std::span<const format::Json> pair = one.elements();
    if (pair.size() != 2 || pair[0].elements().empty() || !pair[1].is_number()) {
      refuse("a list of [[token ids], bias]");
    }
    list.push_back({GenerationConfigValue{where, key, pair[0]}.tokens(), pair[1].number()});
  }
  return list;
}

EIGENFORMER_INLINE DecayingLength GenerationConfigValue::decay() const {
  const std::span<const format::Json> pair = value.elements();
  if (pair.size() != 2 || !generation_config_value_detail::is_count(pair[0]) || !pair[1].is_number()) {
    refuse("[a whole number of 0 or more, a number]");
  }
  return {.start = static_cast<std::size_t>(pair[0].integer()), .factor = pair[1].number()};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
