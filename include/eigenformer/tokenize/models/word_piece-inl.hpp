#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/models/piece_cache.hpp"
#include "eigenformer/tokenize/models/unknown_token.hpp"
#include "eigenformer/tokenize/models/word_piece.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace word_piece_detail {

/// The longest token of a sound vocabulary has a few dozen bytes. A step of a word costs no more than this.
inline constexpr std::size_t k_longest_token_bytes = 1024;

inline bool is_longer_than(std::string_view word, std::size_t characters) {
  if (word.size() <= characters) return false;
  std::size_t count = 0;
  for (const char byte : word) count += is_continuation(byte) ? 0U : 1U;
  return count > characters;
}

}  // namespace word_piece_detail

/// Remembers words of the text.
class WordPieceEncoder final : public PieceEncoder {
 public:
  explicit WordPieceEncoder(const WordPiece& model) : model_(model) {}

  void encode(std::string_view word, std::vector<PieceToken>& tokens) override {
    const std::size_t first = tokens.size();
    if (cache_.find(word, tokens)) return;
    if (word_piece_detail::is_longer_than(word, model_.options_.longest_word) || !split(word, tokens)) {
      tokens.resize(first);
      const TokenId unknown = need_unknown(model_.unknown_, model_.options_.unknown_token, model_.where_);
      tokens.push_back({unknown, 0, static_cast<std::uint32_t>(word.size())});
    }
    cache_.store(word, tokens, first);
  }

 private:
  /// False where the word is not made of tokens. A token ends where a character does, since both are UTF-8.
  bool split(std::string_view word, std::vector<PieceToken>& tokens) const {
    std::uint32_t begin = 0;
    const auto size = static_cast<std::uint32_t>(word.size());
    while (begin < size) {
      const ByteTrie& trie = begin == 0 ? model_.begins_ : model_.continues_;
      const ByteTrie::Match match = trie.longest(word.substr(begin));
      if (match.id < 0) return false;
      tokens.push_back({match.id, begin, begin + match.bytes});
      begin += match.bytes;
    }
    return true;
  }

  const WordPiece& model_;
  PieceCache cache_;
};

EIGENFORMER_INLINE WordPiece::WordPiece(Vocabulary vocabulary, WordPieceOptions options, std::string where)
    : vocabulary_(std::move(vocabulary)),
      options_(std::move(options)),
      where_(std::move(where)),
      unknown_(vocabulary_.find(options_.unknown_token)) {
  if (vocabulary_.longest_token() > word_piece_detail::k_longest_token_bytes) {
    throw TokenizerError({.id = "tokenizer.token_too_long",
                          .expected = "tokens of at most " + std::to_string(word_piece_detail::k_longest_token_bytes) +
                                      " bytes for WordPiece",
                          .found = "one of " + std::to_string(vocabulary_.longest_token()),
                          .where = where_,
                          .remedy = "check that this is the file you meant"});
  }
  std::vector<ByteTrie::Entry> begins, continues;
  const std::string_view prefix = options_.continuing_prefix;
  for (std::size_t k = 0; k < vocabulary_.size(); ++k) {
    const auto id = static_cast<TokenId>(k);
    const std::string_view token = vocabulary_.token(id);
    if (!token.empty()) begins.push_back({token, id});
    if (token.size() > prefix.size() && token.starts_with(prefix))
      continues.push_back({token.substr(prefix.size()), id});
  }
  begins_ = ByteTrie(std::move(begins), where_);
  continues_ = ByteTrie(std::move(continues), where_);
}

EIGENFORMER_INLINE std::unique_ptr<PieceEncoder> WordPiece::encoder() const {
  return std::make_unique<WordPieceEncoder>(*this);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
