// What every kind of GGUF vocabulary shares: types of tokens, and the tokens that are looked for in texts first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/tokenize/gguf_vocabulary.hpp"
#include "eigenformer/tokenize/models/piece_list.hpp"
#include "eigenformer/tokenize/pipeline.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Spaces as the sentencepiece library writes them.
inline constexpr std::string_view k_gguf_space = "\xE2\x96\x81";

/// The numbers of `tokenizer.ggml.token_type` are those of sentencepiece.
inline PieceType gguf_token_type(const GgufVocabulary& vocabulary, std::size_t id) {
  if (vocabulary.token_types.empty()) return PieceType::normal;
  const std::int32_t type = vocabulary.token_types[id];
  return type >= 1 && type <= 6 ? static_cast<PieceType>(type) : PieceType::normal;
}

inline void check_gguf_scores(const GgufVocabulary& vocabulary) {
  if (vocabulary.scores.size() == vocabulary.tokens.size()) return;
  throw TokenizerError({.id = "tokenizer.gguf_array_lengths",
                        .expected = "a score for each of " + std::to_string(vocabulary.tokens.size()) + " tokens",
                        .found = std::to_string(vocabulary.scores.size()),
                        .where = vocabulary.where + ", tokenizer.ggml.scores",
                        .remedy = "download the file again"});
}

/// The unknown token: the one that the file names, or the one of that type.
inline TokenId gguf_unknown(const GgufVocabulary& vocabulary) {
  if (vocabulary.unknown) return *vocabulary.unknown;
  for (std::size_t id = 0; id < vocabulary.tokens.size(); ++id) {
    if (gguf_token_type(vocabulary, id) == PieceType::unknown) return static_cast<TokenId>(id);
  }
  throw TokenizerError({.id = "tokenizer.unknown_token",
                        .expected = "an unknown token",
                        .found = "none",
                        .where = vocabulary.where + ", tokenizer.ggml.unknown_token_id",
                        .remedy = "convert the model again with a current converter"});
}

/// A run of spaces that a converter wrote so, while it is one of U+2581 in texts.
inline bool is_gguf_space_run(std::string_view token) {
  return !token.empty() && token.find_first_not_of(' ') == std::string_view::npos;
}

/// Control tokens and the unknown one are special; what a user added is looked for in the text as well, but for runs of
/// spaces where `spaces_in_model` says that the model finds them.
struct GgufAddedOptions {
  bool spaces_in_model = false;
};
inline void add_gguf_tokens(const GgufVocabulary& vocabulary, const GgufAddedOptions& options, Pipeline& pipeline) {
  for (std::size_t id = 0; id < vocabulary.token_types.size(); ++id) {
    const PieceType type = gguf_token_type(vocabulary, id);
    const bool special = type == PieceType::control || type == PieceType::unknown;
    if (!special && type != PieceType::user_defined) continue;
    if (options.spaces_in_model && is_gguf_space_run(vocabulary.tokens[id])) continue;
    pipeline.added.add({.content = std::string(vocabulary.tokens[id]), .special = special}, *pipeline.model, nullptr,
                       vocabulary.where + ", tokenizer.ggml.tokens");
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
