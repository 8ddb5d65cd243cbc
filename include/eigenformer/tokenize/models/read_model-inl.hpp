#pragma once

#include <utility>

#include "eigenformer/tokenize/files/component_table.hpp"
#include "eigenformer/tokenize/models/bpe.hpp"
#include "eigenformer/tokenize/models/read_model.hpp"
#include "eigenformer/tokenize/models/unigram.hpp"
#include "eigenformer/tokenize/models/word_level.hpp"
#include "eigenformer/tokenize/models/word_piece.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace read_model_detail {

using Found = std::unique_ptr<const Model>;

/// The vocabulary {"token": id, ...}, which has been taken out of the file.
inline Vocabulary vocabulary(ComponentReader& object, TokenizerFile& file) {
  object.taken("vocab", "a vocabulary");
  if (!file.scores.empty()) object.refuse("vocab", "an object of tokens and ids");
  return Vocabulary(std::move(file.tokens), object.where() + ".vocab");
}

inline Found bpe(ComponentReader& object, TokenizerFile& file) {
  const format::Json& dropout = object.value("dropout");
  if (!dropout.is_null() && (!dropout.is_number() || dropout.number() != 0)) object.refuse("dropout", "no dropout");
  BpeOptions options{.ignore_merges = object.flag_or("ignore_merges", false)};
  options.alphabet = {.unknown_token = object.optional_text("unk_token").value_or(""),
                      .fuse_unknown = object.flag_or("fuse_unk", false),
                      .byte_fallback = object.flag_or("byte_fallback", false),
                      .continuing_prefix = object.optional_text("continuing_subword_prefix").value_or(""),
                      .end_suffix = object.optional_text("end_of_word_suffix").value_or("")};
  object.taken("merges", "merges");
  return std::make_unique<Bpe>(vocabulary(object, file), file.merges, options, object.where() + ".merges");
}

/// The vocabulary [["piece", score], ...], by id.
inline Found unigram(ComponentReader& object, TokenizerFile& file) {
  object.taken("vocab", "a vocabulary");
  if (file.scores.size() != file.tokens.size()) object.refuse("vocab", "a list of pieces with scores");
  PieceList pieces(file.tokens.watch);
  pieces.reserve(file.scores.size());
  for (std::size_t k = 0; k < file.scores.size(); ++k) {
    pieces.add(file.tokens.texts[k], file.scores[k]);
  }
  UnigramOptions options{.byte_fallback = object.flag_or("byte_fallback", false)};
  if (!object.value("unk_id").is_null()) {
    const std::int64_t unknown = object.integer("unk_id");
    if (unknown < 0 || unknown >= static_cast<std::int64_t>(pieces.size()))
      object.refuse("unk_id", "the id of a piece");
    options.unknown = static_cast<TokenId>(unknown);
  }
  for (const char* key : {"alpha", "nbest_size"}) {
    if (!object.value(key).is_null()) object.refuse(key, "no sampling");
  }
  return std::make_unique<Unigram>(std::move(pieces), options, object.where() + ".vocab");
}

inline Found word_piece(ComponentReader& object, TokenizerFile& file) {
  WordPieceOptions options{.unknown_token = object.text("unk_token"),
                           .continuing_prefix = object.text("continuing_subword_prefix")};
  const std::int64_t longest = object.integer("max_input_chars_per_word");
  if (longest < 0) object.refuse("max_input_chars_per_word", "a number of characters");
  options.longest_word = static_cast<std::size_t>(longest);
  Vocabulary words = vocabulary(object, file);
  return std::make_unique<WordPiece>(std::move(words), std::move(options), object.where() + ".vocab");
}

inline Found word_level(ComponentReader& object, TokenizerFile& file) {
  std::string unknown = object.text("unk_token");
  Vocabulary words = vocabulary(object, file);
  return std::make_unique<WordLevel>(std::move(words), std::move(unknown), object.where() + ".vocab");
}

/// To add a model: its class in a file of this folder, a reader of its keys, and a line here. The reader finds the
/// vocabulary in `file` (files/vocabulary_file.hpp).
inline constexpr ComponentType<Model, TokenizerFile&> k_types[] = {
    {"BPE", bpe},
    {"Unigram", unigram},
    {"WordPiece", word_piece},
    {"WordLevel", word_level},
};

/// Files of the first versions have no "type"; their keys tell.
inline std::string type_of(ComponentReader& object, const format::Json& value, const TokenizerFile& file) {
  if (const auto type = object.optional_text("type")) return *type;
  if (!file.scores.empty()) return "Unigram";
  if (value.contains("max_input_chars_per_word")) return "WordPiece";
  return value.contains("merges") ? "BPE" : "WordLevel";
}

}  // namespace read_model_detail

EIGENFORMER_INLINE std::unique_ptr<const Model> read_model(const format::Json& value, TokenizerFile&& file,
                                                           const std::string& where) {
  using namespace read_model_detail;
  ComponentReader object(value, where);
  Found model = find_type(k_types, type_of(object, value, file), object, "a model").read(object, file);
  object.finish();
  return model;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
