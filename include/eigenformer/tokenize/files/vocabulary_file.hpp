// The two large parts of a tokenizer's file, read as they come: vocabulary and merges.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/json_value.hpp"
#include "eigenformer/format/load_progress.hpp"
#include "eigenformer/tokenize/models/merge_table.hpp"
#include "eigenformer/tokenize/vocabulary.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Limits of tokenizer.json and vocab.json: the largest known has 35 MB.
inline constexpr std::uint64_t k_vocabulary_file_bytes = std::uint64_t{256} << 20U;

struct TokenizerFile {
  TokenizerFile() = default;
  explicit TokenizerFile(format::LoadWatch watch) : tokens{.watch = watch}, merges{.watch = watch} {}
  TokenList tokens;            ///< of {"token": id, ...}, or of [["token", score], ...] in that order
  std::vector<double> scores;  ///< one a token of the second form, else none
  MergeList merges;
};

/// Takes vocabulary and merges of tokenizer.json's model into `file` and gives the rest of it, with null for what was
/// taken. FormatError for what is no JSON; TokenizerError "tokenizer.vocabulary_value" for an id that is no whole
/// number, "tokenizer.scored_token" for an item of a list that is not ["token", score], "tokenizer.merge_value" for a
/// merge that is neither "left right" nor ["left", "right"], and MergeList's.
format::Json read_tokenizer_json(std::string_view text, const std::string& where, TokenizerFile& file);

/// vocab.json: {token: id, ...}.
TokenList read_vocabulary_json(std::string_view text, const std::string& where, format::LoadWatch watch = {});

/// vocab.txt: a token a line, with ids from 0 up. Of two equal lines the later one counts, and white space at the end
/// does not, as the reference has it.
TokenList read_vocabulary_text(std::string_view text, const std::string& where, format::LoadWatch watch = {});

/// merges.txt: "left right" a line; lines that begin with "#version" are comments.
MergeList read_merges_text(std::string_view text, const std::string& where, format::LoadWatch watch = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/files/vocabulary_file-inl.hpp"
#endif
