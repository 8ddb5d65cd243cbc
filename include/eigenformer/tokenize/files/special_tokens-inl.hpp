#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <system_error>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/format/byte_source.hpp"
#include "eigenformer/format/json.hpp"
#include "eigenformer/tokenize/files/component_reader.hpp"
#include "eigenformer/tokenize/files/special_tokens.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace special_tokens_detail {

using format::Json;

inline constexpr std::uint64_t k_config_bytes = std::uint64_t{4} << 20U;

/// The object in a file; an empty one where there is no file.
inline Json read_object(const format::Folder& folder, const std::string& name) {
  if (!folder.has(name)) return Json::object();
  Json value = format::parse_json(folder.text(name, k_config_bytes), folder.where(name));
  ComponentReader check(value, folder.where(name));  // an object, or an error
  return value;
}

/// A token in full: {"content": ..., "lstrip": ..., ...}. `special` is what holds where the file does not say.
inline AddedToken read_token(const Json& value, const std::string& where, bool special) {
  ComponentReader reader(value, where);
  AddedToken token{.content = reader.text("content")};
  token.special = reader.flag_or("special", special);
  token.single_word = reader.flag_or("single_word", false);
  token.lstrip = reader.flag_or("lstrip", false);
  token.rstrip = reader.flag_or("rstrip", false);
  token.normalized = reader.flag_or("normalized", !token.special);
  for (const char* key : {"id", "__type"}) reader.ignore(key);
  reader.finish();
  return token;
}

/// Reads the files one after the other into one TokenizerConfig.
class ConfigFiles {
 public:
  ConfigFiles(const format::Folder& folder, const std::vector<NumberedToken>& in_tokenizer_json) : folder_(folder) {
    for (const NumberedToken& numbered : in_tokenizer_json) known_[numbered.token.content] = numbered.token;
  }

  TokenizerConfig read() {
    const std::string where = folder_.where("tokenizer_config.json");
    const Json json = read_object(folder_, "tokenizer_config.json");
    ComponentReader reader(json, where);
    read_plain_keys(reader);
    const bool lists_added = !reader.value("added_tokens_decoder").is_null();
    if (lists_added) {
      known_.clear();
      read_decoder(reader.object("added_tokens_decoder"), where + ", added_tokens_decoder");
    }
    read_names(json, where);
    if (!lists_added) {
      const char* const map = "special_tokens_map.json";
      read_names(read_object(folder_, map), folder_.where(map));
      read_added_tokens_json();
    }
    name_class();
    return std::move(config_);
  }

 private:
  void read_plain_keys(ComponentReader& reader) {
    config_.tokenizer_class = reader.optional_text("tokenizer_class").value_or("");
    config_.split_special_tokens = reader.flag_or("split_special_tokens", false);
    config_.add_prefix_space = reader.flag_or("add_prefix_space", false);
    config_.add_bos_token = reader.flag_or("add_bos_token", false);
    config_.add_eos_token = reader.flag_or("add_eos_token", false);
    config_.trim_offsets = reader.flag_or("trim_offsets", true);
    config_.do_lower_case = reader.flag_or("do_lower_case", true);
    config_.tokenize_chinese_chars = reader.flag_or("tokenize_chinese_chars", true);
    if (!reader.value("strip_accents").is_null()) config_.strip_accents = reader.flag("strip_accents");
  }

  void read_decoder(const Json& decoder, const std::string& where) {
    for (const auto& [key, value] : decoder.members()) {
      NumberedToken numbered{.token = read_token(value, where + "." + key, false)};
      const auto [end, code] = std::from_chars(key.data(), key.data() + key.size(), numbered.id);
      if (code != std::errc{} || end != key.data() + key.size()) {
        throw TokenizerError({.id = "tokenizer.added_token_key",
                              .expected = "an id as the key of an added token",
                              .found = format::in_quotes(key),
                              .where = where,
                              .remedy = "download the file again"});
      }
      known_[numbered.token.content] = numbered.token;
      config_.added.push_back(std::move(numbered));
    }
    sort_added();
  }
  void sort_added() {
    std::sort(config_.added.begin(), config_.added.end(),
              [](const NumberedToken& a, const NumberedToken& b) { return a.id < b.id; });
  }

  /// bos_token and every other key of that form, and the lists of further ones.
  void read_names(const Json& json, const std::string& where) {
    for (const auto& [key, value] : json.members()) {
      constexpr std::string_view k_suffix = "_token";
      const bool is_name = key.size() > k_suffix.size() && key.ends_with(k_suffix) && !key.starts_with("add_");
      if (is_name && value.is_null()) config_.named[key] = std::nullopt;
      if (is_name && (value.is_text() || value.is_object()))
        config_.named[key] = named_token(value, where + ", " + key);
      if (key == "extra_special_tokens" || key == "additional_special_tokens") read_extra(value, where + ", " + key);
    }
  }
  /// A list of tokens, or an object that names them.
  void read_extra(const Json& value, const std::string& where) {
    if (value.is_object()) {
      for (const auto& [key, token] : value.members()) config_.named[key] = named_token(token, where + "." + key);
    }
    for (const Json& token : value.elements()) {
      config_.extra.push_back(named_token(token, where + "[" + std::to_string(config_.extra.size()) + "]"));
    }
  }
  /// The flags of a token that is given by its text are those of the added token of that text.
  AddedToken named_token(const Json& value, const std::string& where) const {
    AddedToken token;
    token.special = true;
    if (value.is_text()) {
      token.content = value.text();
    } else {
      token = read_token(value, where, true);
      token.special = true;
    }
    const auto known = known_.find(token.content);
    return known == known_.end() ? token : known->second;
  }

  void read_added_tokens_json() {
    const Json json = read_object(folder_, "added_tokens.json");
    for (const auto& [content, id] : json.members()) {
      if (!id.is_integer()) {
        throw TokenizerError({.id = "tokenizer.added_token_value",
                              .expected = "a whole number as the id of " + format::in_quotes(content),
                              .found = id.type_name(),
                              .where = folder_.where("added_tokens.json"),
                              .remedy = "download the file again"});
      }
      const bool special = is_named(content);
      AddedToken token{.content = content, .normalized = !special, .special = special};
      config_.added.push_back({id.integer(), std::move(token)});
    }
    sort_added();
  }
  bool is_named(const std::string& content) const {
    const auto same = [&](const AddedToken& token) { return token.content == content; };
    return std::any_of(config_.extra.begin(), config_.extra.end(), same) ||
           std::any_of(config_.named.begin(), config_.named.end(),
                       [&](const auto& name) { return name.second && same(*name.second); });
  }

  /// Where tokenizer_config.json names no class, config.json does, or the model's type in it.
  void name_class() {
    if (config_.tokenizer_class.empty()) {
      const Json json = read_object(folder_, "config.json");
      ComponentReader reader(json, folder_.where("config.json"));
      config_.tokenizer_class = reader.optional_text("tokenizer_class").value_or("");
      if (config_.tokenizer_class.empty()) {
        config_.tokenizer_class = class_of_model_type(reader.optional_text("model_type").value_or(""));
      }
    }
    constexpr std::string_view k_fast = "Fast";
    if (config_.tokenizer_class.ends_with(k_fast)) {
      config_.tokenizer_class.resize(config_.tokenizer_class.size() - k_fast.size());
    }
    config_.family = family_of(config_.tokenizer_class);
    for (const DefaultToken& token : default_tokens(config_.family)) {
      AddedToken named = named_token(Json(std::string(token.content)), token.name);
      named.lstrip = named.lstrip || token.lstrip;
      if (config_.named.try_emplace(token.name, std::move(named)).second) config_.assumed.emplace_back(token.name);
    }
  }

  format::Folder folder_;
  std::map<std::string, AddedToken> known_;
  TokenizerConfig config_;
};

}  // namespace special_tokens_detail

EIGENFORMER_INLINE TokenizerConfig read_tokenizer_config(const format::Folder& folder,
                                                         const std::vector<NumberedToken>& in_tokenizer_json) {
  return special_tokens_detail::ConfigFiles(folder, in_tokenizer_json).read();
}

EIGENFORMER_INLINE std::vector<NumberedToken> read_added_tokens(const format::Json& listed, const std::string& where) {
  const std::span<const format::Json> list = listed.elements();
  std::vector<NumberedToken> tokens;
  for (std::size_t k = 0; k < list.size(); ++k) {
    const std::string place = where + "[" + std::to_string(k) + "]";
    ComponentReader reader(list[k], place);
    tokens.push_back({reader.integer("id"), special_tokens_detail::read_token(list[k], place, false)});
  }
  return tokens;
}

EIGENFORMER_INLINE void add_numbered_tokens(Pipeline& pipeline, const std::vector<NumberedToken>& tokens,
                                            const std::string& where) {
  for (const NumberedToken& numbered : tokens) {
    const TokenId id = pipeline.added.add(numbered.token, *pipeline.model, pipeline.normalizer.get(), where);
    if (id == numbered.id) continue;
    throw TokenizerError({.id = "tokenizer.added_token_id",
                          .expected = "the id " + std::to_string(id) + " for the added token " +
                                      format::in_quotes(numbered.token.content) +
                                      ": that of the vocabulary, or the next one",
                          .found = std::to_string(numbered.id),
                          .where = where,
                          .remedy = "download the file again, or list the added tokens by ascending id without holes"});
  }
}

EIGENFORMER_INLINE void add_config_tokens(Pipeline& pipeline, const TokenizerConfig& config, const std::string& where) {
  add_numbered_tokens(pipeline, config.added, where);
  const auto add = [&](const AddedToken& token) {
    if (!pipeline.added.find(token.content)) {
      pipeline.added.add(token, *pipeline.model, pipeline.normalizer.get(), where);
    }
  };
  // In the order of transformers' list of names, which decides the ids of tokens that are new.
  constexpr std::array<const char*, 7> k_names = {"bos_token", "eos_token", "unk_token", "sep_token",
                                                  "pad_token", "cls_token", "mask_token"};
  const auto named = [&](const std::string& name) -> const AddedToken* {
    const auto found = config.named.find(name);
    return found == config.named.end() || !found->second ? nullptr : &*found->second;
  };
  for (const char* name : k_names) {
    if (const AddedToken* token = named(name)) add(*token);
  }
  for (const auto& [name, token] : config.named) {
    if (token) add(*token);
  }
  for (const AddedToken& token : config.extra) add(token);
  const auto id_of = [&](const char* name) {
    const AddedToken* token = named(name);
    return token == nullptr ? std::nullopt : pipeline.find(token->content);
  };
  pipeline.named = {.beginning = id_of("bos_token"),
                    .end = id_of("eos_token"),
                    .unknown = id_of("unk_token"),
                    .padding = id_of("pad_token"),
                    .separator = id_of("sep_token"),
                    .classifier = id_of("cls_token"),
                    .mask = id_of("mask_token")};
  pipeline.match_special = !config.split_special_tokens;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
