// The token for what a vocabulary does not have.
#pragma once

#include <optional>
#include <string>

#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The id; TokenizerError "tokenizer.unknown_token" where there is none.
inline TokenId need_unknown(const std::optional<TokenId>& id, const std::string& token, const std::string& where) {
  if (id) return *id;
  throw TokenizerError({.id = "tokenizer.unknown_token",
                        .expected = "an unknown token that is in the vocabulary",
                        .found = format::in_quotes(token),
                        .where = where,
                        .remedy = "download the file again"});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
