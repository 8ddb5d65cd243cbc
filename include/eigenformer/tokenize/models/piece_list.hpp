// The pieces of a vocabulary with scores, as a file lists them: by id.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The types of https://github.com/google/sentencepiece/blob/v0.2.0/src/sentencepiece_model.proto#L284-L297
enum class PieceType : std::uint8_t { normal = 1, unknown, control, user_defined, unused, byte };

/// Pieces by id, not checked.
class PieceList {
 public:
  void add(std::string_view text, double score, PieceType type = PieceType::normal) {
    text_.append(text);
    ends_.push_back(text_.size());
    scores_.push_back(score);
    types_.push_back(type);
  }
  void reserve(std::size_t count) {
    ends_.reserve(count);
    scores_.reserve(count);
    types_.reserve(count);
  }

  std::size_t size() const { return ends_.size(); }
  /// `id` is from 0 to size() - 1.
  std::string_view text(TokenId id) const {
    const auto k = static_cast<std::size_t>(id);
    const std::size_t begin = k == 0 ? 0 : ends_[k - 1];
    return std::string_view(text_).substr(begin, ends_[k] - begin);
  }
  double score(TokenId id) const { return scores_[static_cast<std::size_t>(id)]; }
  PieceType type(TokenId id) const { return types_[static_cast<std::size_t>(id)]; }
  /// Whether it is one of those that are looked for in a text.
  bool is_in_texts(TokenId id) const {
    return type(id) == PieceType::normal || type(id) == PieceType::user_defined || type(id) == PieceType::unused;
  }

 private:
  std::string text_;
  std::vector<std::size_t> ends_;
  std::vector<double> scores_;
  std::vector<PieceType> types_;
};

/// TokenizerError "tokenizer.vocabulary_empty", "tokenizer.token_too_long" (beyond `longest`), "tokenizer.token_text"
/// and "tokenizer.piece_score" (one that is no number).
void check_pieces(const PieceList& pieces, std::size_t longest, const std::string& where);

/// TokenizerError "tokenizer.unknown_token" where `unknown` is not the id of a piece.
void check_unknown(const PieceList& pieces, TokenId unknown, const std::string& where);

/// The id of each byte's token "<0x00>" to "<0xFF>", -1 where there is none.
using ByteTokens = std::array<TokenId, 256>;
inline constexpr ByteTokens k_no_byte_tokens = [] {
  ByteTokens tokens{};
  tokens.fill(-1);
  return tokens;
}();

/// "<0x0A>" for 10.
inline std::string byte_token(unsigned char byte) {
  constexpr std::string_view k_digits = "0123456789ABCDEF";
  return {'<', '0', 'x', k_digits[byte >> 4U], k_digits[byte & 15U], '>'};
}

/// The byte that "<0x0A>" stands for: exactly two hexadecimal digits of either case.
inline std::optional<unsigned char> byte_of_token(std::string_view token) {
  if (token.size() != 6 || token.substr(0, 3) != "<0x" || token.back() != '>') return std::nullopt;
  unsigned value = 0;
  for (const char c : token.substr(3, 2)) {
    const bool digit = c >= '0' && c <= '9', capital = c >= 'A' && c <= 'F', small = c >= 'a' && c <= 'f';
    if (!digit && !capital && !small) return std::nullopt;
    const int zero = digit ? '0' : (capital ? 'A' : 'a') - 10;
    value = value * 16 + static_cast<unsigned>(c - zero);
  }
  return static_cast<unsigned char>(value);
}

/// `find(text)` gives a token's id, or nothing.
template <class Find>
ByteTokens find_byte_tokens(Find find) {
  ByteTokens tokens = k_no_byte_tokens;
  for (std::size_t byte = 0; byte < tokens.size(); ++byte) {
    const std::optional<TokenId> id = find(byte_token(static_cast<unsigned char>(byte)));
    tokens[byte] = id.value_or(-1);
  }
  return tokens;
}

/// Whether every byte of a text has a token.
inline bool has_byte_tokens(const ByteTokens& tokens, std::string_view text) {
  for (const char c : text) {
    if (tokens[static_cast<unsigned char>(c)] < 0) return false;
  }
  return true;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/models/piece_list-inl.hpp"
#endif
