// The two large parts of a tokenizer's file, read as they come: vocabulary and merges.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/models/merge_table.hpp"
#include "eigenformer/tokenize/vocabulary.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Limits of tokenizer.json and vocab.json: the largest known has 35 MB.
inline constexpr std::uint64_t k_vocabulary_file_bytes = std::uint64_t{256} << 20U;

struct TokenizerFile {
  TokenList tokens;
  MergeList merges;
};

/// Reads tokenizer.json into `file`, if its model is a BPE, and gives the rest of it, with null for what was read.
/// FormatError for what is no JSON; TokenizerError "tokenizer.vocabulary_value" for an id that is no whole number,
/// "tokenizer.merge_value" for a merge that is neither "left right" nor ["left", "right"], and MergeList's.
nlohmann::json read_tokenizer_json(std::string_view text, const std::string& where, TokenizerFile& file);

/// vocab.json: {token: id, ...}.
TokenList read_vocabulary_json(std::string_view text, const std::string& where);

/// merges.txt: "left right" a line; lines that begin with "#version" are comments.
MergeList read_merges_text(std::string_view text, const std::string& where);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/files/vocabulary_file-inl.hpp"
#endif
