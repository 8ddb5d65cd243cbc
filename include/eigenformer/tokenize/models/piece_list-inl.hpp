#pragma once

#include <cmath>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/tokenize/models/piece_list.hpp"
#include "eigenformer/tokenize/utf8_stream.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE void check_pieces(const PieceList& pieces, std::size_t longest, const std::string& where) {
  if (pieces.size() == 0) {
    throw TokenizerError({.id = "tokenizer.vocabulary_empty",
                          .expected = "a vocabulary with tokens",
                          .found = "none",
                          .where = where,
                          .remedy = "download the file again"});
  }
  for (std::size_t k = 0; k < pieces.size(); ++k) {
    const std::string_view text = pieces.text(static_cast<TokenId>(k));
    const auto place = [&] { return where + ", piece " + std::to_string(k); };
    if (text.size() > longest) {
      throw TokenizerError({.id = "tokenizer.token_too_long",
                            .expected = "tokens of at most " + std::to_string(longest) + " bytes",
                            .found = "one of " + std::to_string(text.size()),
                            .where = place(),
                            .remedy = "check that this is the file you meant"});
    }
    if (find_ill_formed(text, 0) != text.size()) {
      throw TokenizerError({.id = "tokenizer.token_text",
                            .expected = "tokens in UTF-8",
                            .found = format::in_quotes(text),
                            .where = place(),
                            .remedy = "download the file again"});
    }
    if (!std::isfinite(pieces.score(static_cast<TokenId>(k)))) {
      throw TokenizerError({.id = "tokenizer.piece_score",
                            .expected = "a number as the score of " + format::in_quotes(text),
                            .found = std::to_string(pieces.score(static_cast<TokenId>(k))),
                            .where = place(),
                            .remedy = "download the file again"});
    }
  }
}

EIGENFORMER_INLINE void check_unknown(const PieceList& pieces, TokenId unknown, const std::string& where) {
  if (unknown >= 0 && static_cast<std::size_t>(unknown) < pieces.size()) return;
  throw TokenizerError({.id = "tokenizer.unknown_token",
                        .expected = "an unknown token that is in the vocabulary",
                        .found = "id " + std::to_string(unknown) + " of " + std::to_string(pieces.size()),
                        .where = where,
                        .remedy = "download the file again"});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
