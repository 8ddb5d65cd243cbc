#pragma once

#include <span>

#include "eigenformer/format/json.hpp"
#include "eigenformer/generation_defaults.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace generation_defaults_detail {

using format::Json;

inline std::optional<TokenId> token(const Json& value, std::size_t vocabulary_size) {
  const std::int64_t id = value.is_integer() ? value.integer() : -1;
  if (id < 0 || static_cast<std::uint64_t>(id) >= vocabulary_size) return std::nullopt;
  return static_cast<TokenId>(id);
}

/// A list of ids, all of which the vocabulary has; else an empty one.
inline std::vector<TokenId> tokens(std::span<const Json> list, std::size_t vocabulary_size) {
  std::vector<TokenId> ids;
  for (const Json& value : list) {
    const std::optional<TokenId> id = token(value, vocabulary_size);
    if (!id) return {};
    ids.push_back(*id);
  }
  return ids;
}

inline std::map<std::string, std::string> task_prefixes(const Json& tasks) {
  std::map<std::string, std::string> prefixes;
  if (!tasks.is_object()) return prefixes;
  for (const auto& [task, options] : tasks.members()) {
    const Json* const prefix = options.find("prefix");
    if (prefix != nullptr && prefix->is_text()) prefixes[task] = prefix->text();
  }
  return prefixes;
}

}  // namespace generation_defaults_detail

EIGENFORMER_INLINE GenerationDefaults read_generation_defaults(std::string_view json_text,
                                                               std::size_t vocabulary_size) {
  using namespace generation_defaults_detail;
  const Json json = format::parse_json_or_null(json_text);
  if (!json.is_object()) return {};
  const Json null;
  const auto at = [&](const char* key) -> const Json& {
    const Json* const found = json.find(key);
    return found == nullptr ? null : *found;
  };
  GenerationDefaults defaults{.decoder_start_token = token(at("decoder_start_token_id"), vocabulary_size),
                              .begin_token = token(at("bos_token_id"), vocabulary_size),
                              .forced_first_tokens = tokens(at("forced_bos_token_id").one_or_more(), vocabulary_size),
                              .forced_last_tokens = tokens(at("forced_eos_token_id").one_or_more(), vocabulary_size)};
  for (const Json& word : at("bad_words_ids").elements()) {
    std::vector<TokenId> ids = tokens(word.elements(), vocabulary_size);
    if (!ids.empty()) defaults.bad_words.push_back(std::move(ids));
  }
  const Json& max_length = at("max_length");
  if (max_length.is_integer() && max_length.integer() > 0) {
    defaults.max_length = static_cast<std::size_t>(max_length.integer());
  }
  defaults.padding_token = token(at("pad_token_id"), vocabulary_size);
  const Json& prefix = at("prefix");
  if (prefix.is_text()) defaults.prefix = prefix.text();
  defaults.task_prefixes = task_prefixes(at("task_specific_params"));
  return defaults;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
