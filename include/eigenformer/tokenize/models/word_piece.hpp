// WordPiece: the longest token, then the longest that continues, until the word has ended:
// https://arxiv.org/abs/1609.08144, section 4.1, as BERT has it
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/models/byte_trie.hpp"
#include "eigenformer/tokenize/models/model.hpp"
#include "eigenformer/tokenize/vocabulary.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

struct WordPieceOptions {
  std::string unknown_token = "[UNK]";   ///< for a word that is not made of tokens
  std::string continuing_prefix = "##";  ///< of tokens inside a word
  std::size_t longest_word = 100;        ///< in characters; a longer one is unknown
};

class WordPiece final : public Model {
 public:
  /// TokenizerError "tokenizer.token_too_long" where a token is so long that a word could take long too.
  WordPiece(Vocabulary vocabulary, WordPieceOptions options, std::string where);

  /// Where a word is unknown and the unknown token is not in the vocabulary, TokenizerError "tokenizer.unknown_token".
  std::unique_ptr<PieceEncoder> encoder() const override;
  std::size_t vocabulary_size() const override { return vocabulary_.size(); }
  std::size_t token_count() const override { return vocabulary_.count(); }
  bool has(TokenId id) const override { return vocabulary_.has(id); }
  std::optional<TokenId> find(std::string_view token) const override { return vocabulary_.find(token); }
  std::string_view token(TokenId id) const override { return vocabulary_.token(id); }
  std::string_view continuing_prefix() const override { return options_.continuing_prefix; }

 private:
  friend class WordPieceEncoder;

  Vocabulary vocabulary_;
  WordPieceOptions options_;
  std::string where_;
  std::optional<TokenId> unknown_;
  ByteTrie begins_;     ///< every token as it is
  ByteTrie continues_;  ///< tokens with the prefix, without it
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/models/word_piece-inl.hpp"
#endif
