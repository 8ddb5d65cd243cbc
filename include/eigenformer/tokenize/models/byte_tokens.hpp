// The tokens "<0x00>" to "<0xFF>" that stand for single bytes.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The id of each byte's token, -1 where there is none.
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
    const bool digit = c >= '0' && c <= '9', upper = c >= 'A' && c <= 'F', lower = c >= 'a' && c <= 'f';
    if (!digit && !upper && !lower) return std::nullopt;
    const int zero = digit ? '0' : (upper ? 'A' : 'a') - 10;
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
