// What the config files beside a tokenizer say about its special tokens.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/folder.hpp"
#include "eigenformer/format/json_value.hpp"
#include "eigenformer/tokenize/added_tokens.hpp"
#include "eigenformer/tokenize/files/tokenizer_class.hpp"
#include "eigenformer/tokenize/pipeline.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// An added token and the id that a file gives it.
struct NumberedToken {
  std::int64_t id = 0;
  AddedToken token;
};

/// tokenizer_config.json, special_tokens_map.json and added_tokens.json together, as transformers reads them.
struct TokenizerConfig {
  std::string tokenizer_class;  ///< without "Fast"; empty where no file names one
  ClassFamily family = ClassFamily::unknown;
  std::vector<NumberedToken> added;
  std::map<std::string, std::optional<AddedToken>> named;  ///< "bos_token"; without a value where a file says null
  std::vector<std::string> assumed;  ///< names in `named` whose token no file gives: the class has it
  std::vector<AddedToken> extra;
  bool split_special_tokens = false;
  bool add_prefix_space = false;
  bool add_bos_token = false;
  bool add_eos_token = false;
  bool trim_offsets = true;
  bool do_lower_case = true;
  bool tokenize_chinese_chars = true;
  std::optional<bool> strip_accents = {};
};

/// Reads what is there; files that are absent say nothing. `in_tokenizer_json` are the added tokens of tokenizer.json,
/// whose flags a name in these files refers to. TokenizerError for what is not understood.
TokenizerConfig read_tokenizer_config(const format::Folder& folder,
                                      const std::vector<NumberedToken>& in_tokenizer_json);

/// The list "added_tokens" of tokenizer.json.
std::vector<NumberedToken> read_added_tokens(const format::Json& list, const std::string& where);

/// Adds each token. TokenizerError "tokenizer.added_token_id" where a token would get another id than its file gives
/// it.
void add_numbered_tokens(Pipeline& pipeline, const std::vector<NumberedToken>& tokens, const std::string& where);

/// Adds what the configs name and sets `pipeline.named`.
void add_config_tokens(Pipeline& pipeline, const TokenizerConfig& config, const std::string& where);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/files/special_tokens-inl.hpp"
#endif
