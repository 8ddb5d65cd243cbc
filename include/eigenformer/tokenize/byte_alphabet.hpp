// The characters that stand for bytes in a byte-level vocabulary:
// https://github.com/openai/gpt-2/blob/9b63575ef42771a015060c964af2c3da4cf7c8ab/src/encoder.py#L9
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/character.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Visible characters of Latin-1 stand for themselves; the 68 other bytes, in order, are U+0100 to U+0143.
inline constexpr std::array<char16_t, 256> k_character_of_byte = [] {
  std::array<char16_t, 256> characters{};
  char16_t next = 0x100;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const bool visible = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
    characters[byte] = visible ? static_cast<char16_t>(byte) : next++;
  }
  return characters;
}();

namespace byte_alphabet_detail {

inline constexpr std::size_t k_characters = 0x144;
inline constexpr std::int16_t k_no_byte = -1;

inline constexpr std::array<std::int16_t, k_characters> k_byte_of_character = [] {
  std::array<std::int16_t, k_characters> bytes{};
  bytes.fill(k_no_byte);
  for (std::size_t byte = 0; byte < 256; ++byte) bytes[k_character_of_byte[byte]] = static_cast<std::int16_t>(byte);
  return bytes;
}();

}  // namespace byte_alphabet_detail

/// The byte that a character stands for, if it is of the alphabet.
inline std::optional<char> byte_of_character(char32_t code_point) {
  if (code_point >= byte_alphabet_detail::k_characters) return std::nullopt;
  const std::int16_t byte = byte_alphabet_detail::k_byte_of_character[code_point];
  if (byte == byte_alphabet_detail::k_no_byte) return std::nullopt;
  return static_cast<char>(static_cast<unsigned char>(byte));
}

/// Appends the characters that stand for the bytes.
inline void append_byte_characters(std::string_view bytes, std::string& out) {
  for (const char byte : bytes) append_character(k_character_of_byte[static_cast<unsigned char>(byte)], out);
}

/// Appends the bytes of a token; a token with a character outside of the alphabet stands for its own UTF-8.
inline void append_token_bytes(std::string_view token, std::string& out) {
  const std::size_t before = out.size();
  for (std::size_t k = 0; k < token.size();) {
    const Character character = character_at(token, k);
    const std::optional<char> byte = byte_of_character(character.code_point);
    if (!byte) {
      out.resize(before);
      out.append(token);
      return;
    }
    out.push_back(*byte);
    k += character.bytes;
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
