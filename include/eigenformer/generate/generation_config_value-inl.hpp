#pragma once

#include <limits>
#include <nlohmann/json.hpp>

#include "eigenformer/error.hpp"
#include "eigenformer/generate/generation_config_value.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace generation_config_value_detail {

inline nlohmann::json one_or_more(const nlohmann::json& value) {
  return value.is_array() ? value : nlohmann::json::array({value});
}

}  // namespace generation_config_value_detail

EIGENFORMER_INLINE void GenerationConfigValue::refuse(const std::string& expected) const {
  constexpr std::size_t k_shown_bytes = 80;
  throw ConfigError(
      {.id = "config.generation_key",
       .expected = expected,
       .found = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace).substr(0, k_shown_bytes),
       .where = where + ", " + key,
       .remedy = "change or remove the key"});
}

EIGENFORMER_INLINE std::size_t GenerationConfigValue::count() const {
  if (!value.is_number_integer() || value < 0) refuse("a whole number of 0 or more");
  return value.get<std::size_t>();
}

EIGENFORMER_INLINE double GenerationConfigValue::number() const {
  if (!value.is_number()) refuse("a number");
  return value.get<double>();
}

EIGENFORMER_INLINE bool GenerationConfigValue::flag() const {
  if (!value.is_boolean()) refuse("true or false");
  return value.get<bool>();
}

EIGENFORMER_INLINE EarlyStopping GenerationConfigValue::early_stopping() const {
  if (value == "never") return EarlyStopping::never;
  if (!value.is_boolean()) refuse("true, false or \"never\"");
  return value.get<bool>() ? EarlyStopping::yes : EarlyStopping::no;
}

EIGENFORMER_INLINE std::vector<TokenId> GenerationConfigValue::tokens() const {
  std::vector<TokenId> ids;
  for (const nlohmann::json& id : generation_config_value_detail::one_or_more(value)) {
    if (!id.is_number_integer() || id < 0 || id > std::numeric_limits<TokenId>::max()) {
      refuse("a token id or a list of them");
    }
    ids.push_back(id.get<TokenId>());
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
  for (const nlohmann::json& ids : generation_config_value_detail::one_or_more(value)) {
    if (!ids.is_array() || ids.empty()) refuse("a list of lists of token ids");
    list.push_back(GenerationConfigValue{where, key, ids}.tokens());
  }
  return list;
}

EIGENFORMER_INLINE std::vector<std::string> GenerationConfigValue::texts() const {
  std::vector<std::string> list;
  for (const nlohmann::json& text : generation_config_value_detail::one_or_more(value)) {
    if (!text.is_string()) refuse("a text or a list of them");
    list.push_back(text.get<std::string>());
  }
  return list;
}

EIGENFORMER_INLINE std::vector<TokenBias> GenerationConfigValue::biases() const {
  std::vector<TokenBias> list;
  for (const nlohmann::json& one : generation_config_value_detail::one_or_more(value)) {
    if (!one.is_array() || one.size() != 2 || !one[0].is_array() || one[0].empty() || !one[1].is_number()) {
      refuse("a list of [[token ids], bias]");
    }
    list.push_back({GenerationConfigValue{where, key, one[0]}.tokens(), one[1].get<double>()});
  }
  return list;
}

EIGENFORMER_INLINE DecayingLength GenerationConfigValue::decay() const {
  if (!value.is_array() || value.size() != 2 || !value[0].is_number_integer() || value[0] < 0 ||
      !value[1].is_number()) {
    refuse("[a whole number of 0 or more, a number]");
  }
  return {.start = value[0].get<std::size_t>(), .factor = value[1].get<double>()};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
