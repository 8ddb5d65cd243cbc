// The tokens that byte pair encoding begins with: one for each character of a piece.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/models/character_table.hpp"
#include "eigenformer/tokenize/vocabulary.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

struct BpeAlphabetOptions {
  std::string unknown_token = {};      ///< for characters that the vocabulary lacks; empty: they are dropped
  bool fuse_unknown = false;           ///< neighbouring unknown characters become one token
  bool byte_fallback = false;          ///< an unknown character becomes the tokens <0x00> to <0xFF> of its bytes
  std::string continuing_prefix = {};  ///< before every character but the first
  std::string end_suffix = {};         ///< after the last character
};

/// A token under construction and its bytes in the piece.
struct BpeStart {
  TokenId id = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

class BpeAlphabet {
 public:
  /// TokenizerError "tokenizer.unknown_token" where the unknown token is not in the vocabulary.
  BpeAlphabet(const Vocabulary& vocabulary, BpeAlphabetOptions options, const std::string& where);

  /// Appends the first tokens of a piece of characters.
  void split_characters(std::string_view piece, std::vector<BpeStart>& out) const;
  /// Of a piece of bytes, each of which stands for its character of the byte alphabet.
  void split_bytes(std::string_view piece, std::vector<BpeStart>& out) const;
  /// Whether `split_bytes` may be asked: not where a character falls back to its bytes.
  bool takes_bytes() const { return !options_.byte_fallback; }
  std::string_view continuing_prefix() const { return options_.continuing_prefix; }
  /// The token of each byte, where each has one, wherever it stands; null else.
  const std::array<TokenId, 256>* every_byte() const { return has_every_byte_ ? bytes_.data() : nullptr; }
  /// The tokens of characters without prefix and suffix.
  const CharacterTable& characters() const { return characters_[0]; }
  std::optional<TokenId> unknown() const { return unknown_; }
  /// Whether the tokens always come in the order of the text; not where a vocabulary has some bytes and not others.
  bool keeps_order() const;

 private:
  /// Where a character stands: its tokens differ where there is a prefix or suffix. Bits: 1 not the first, 2 the last.
  using Position = std::size_t;
  static constexpr std::size_t k_positions = 4;
  struct Pending;

  Position position(std::size_t begin, std::size_t end, std::size_t size) const {
    return (begin > 0 && !options_.continuing_prefix.empty() ? 1U : 0U) |
           (end == size && !options_.end_suffix.empty() ? 2U : 0U);
  }
  std::string affixed(std::string_view character, Position position) const;
  void put(TokenId id, BpeStart place, Pending& pending, std::vector<BpeStart>& out) const;
  bool put_fallback(std::string_view character, Position position, BpeStart place, std::vector<BpeStart>& out) const;
  void index(const Vocabulary& vocabulary);

  BpeAlphabetOptions options_;
  std::optional<TokenId> unknown_;
  std::array<CharacterTable, k_positions> characters_;
  std::array<std::array<TokenId, 256>, k_positions> bytes_{};
  bool has_every_byte_ = false;
  std::array<TokenId, 256> fallback_{};
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/models/bpe_alphabet-inl.hpp"
#endif
