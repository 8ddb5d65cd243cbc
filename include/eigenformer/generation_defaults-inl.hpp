#pragma once

#include <nlohmann/json.hpp>

#include "eigenformer/generation_defaults.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace generation_defaults_detail {

inline std::optional<TokenId> token(const nlohmann::json& value, std::size_t vocabulary_size) {
  if (!value.is_number_integer() || value < 0 || value >= vocabulary_size) return std::nullopt;
  return value.get<TokenId>();
}

/// A list of ids, all of which the vocabulary has; else an empty one.
inline std::vector<TokenId> tokens(const nlohmann::json& list, std::size_t vocabulary_size) {
  std::vector<TokenId> ids;
  if (!list.is_array()) return ids;
  for (const nlohmann::json& value : list) {
    const std::optional<TokenId> id = token(value, vocabulary_size);
    if (!id) return {};
    ids.push_back(*id);
  }
  return ids;
}

/// An id or a list of them.
inline std::vector<TokenId> one_or_more_tokens(const nlohmann::json& value, std::size_t vocabulary_size) {
  return tokens(value.is_array() ? value : nlohmann::json::array({value}), vocabulary_size);
}

inline std::map<std::string, std::string> task_prefixes(const nlohmann::json& tasks) {
  std::map<std::string, std::string> prefixes;
  if (!tasks.is_object()) return prefixes;
  for (const auto& [task, options] : tasks.items()) {
    if (options.is_object() && options.contains("prefix") && options["prefix"].is_string()) {
      prefixes[task] = options["prefix"].get<std::string>();
    }
  }
  return prefixes;
}

}  // namespace generation_defaults_detail

EIGENFORMER_INLINE GenerationDefaults read_generation_defaults(std::string_view json_text,
                                                               std::size_t vocabulary_size) {
  using namespace generation_defaults_detail;
  const nlohmann::json json = nlohmann::json::parse(json_text, nullptr, false);
  if (!json.is_object()) return {};
  const auto at = [&](const char* key) { return json.value(key, nlohmann::json()); };
  GenerationDefaults defaults{.decoder_start_token = token(at("decoder_start_token_id"), vocabulary_size),
                              .begin_token = token(at("bos_token_id"), vocabulary_size),
                              .forced_first_tokens = one_or_more_tokens(at("forced_bos_token_id"), vocabulary_size),
                              .forced_last_tokens = one_or_more_tokens(at("forced_eos_token_id"), vocabulary_size)};
  const nlohmann::json bad_words = at("bad_words_ids");
  for (const nlohmann::json& word : bad_words.is_array() ? bad_words : nlohmann::json::array()) {
    std::vector<TokenId> ids = tokens(word, vocabulary_size);
    if (!ids.empty()) defaults.bad_words.push_back(std::move(ids));
  }
  const nlohmann::json max_length = at("max_length");
  if (max_length.is_number_integer() && max_length > 0) defaults.max_length = max_length.get<std::size_t>();
  defaults.padding_token = token(at("pad_token_id"), vocabulary_size);
  const nlohmann::json prefix = at("prefix");
  if (prefix.is_string()) defaults.prefix = prefix.get<std::string>();
  defaults.task_prefixes = task_prefixes(at("task_specific_params"));
  return defaults;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
