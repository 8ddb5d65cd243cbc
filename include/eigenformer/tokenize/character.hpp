// Characters of well-formed UTF-8 and the classes that patterns ask for.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/character_properties.hpp"
#include "eigenformer/tokenize/normalizer_ranges.hpp"
#include "eigenformer/tokenize/unicode_ranges.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// A character and the bytes it takes.
struct Character {
  char32_t code_point = 0;
  std::uint8_t bytes = 1;
};

/// The character that begins at `position`. The text is well-formed.
inline Character character_at(std::string_view text, std::size_t position) {
  const auto byte = [&](std::size_t k) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[position + k]));
  };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {static_cast<char32_t>(lead), 1};
  if (lead < 0xE0) return {static_cast<char32_t>((lead & 0x1FU) << 6U | (byte(1) & 0x3FU)), 2};
  if (lead < 0xF0) {
    return {static_cast<char32_t>((lead & 0x0FU) << 12U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU)), 3};
  }
  return {static_cast<char32_t>((lead & 0x07U) << 18U | (byte(1) & 0x3FU) << 12U | (byte(2) & 0x3FU) << 6U |
                                (byte(3) & 0x3FU)),
          4};
}

/// Whether a byte continues a character that began before it.
inline bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

/// The begin of the character that ends at `end`. The text is well-formed and `end` is not 0.
inline std::size_t previous_character(std::string_view text, std::size_t end) {
  do --end;
  while (end > 0 && is_continuation(text[end]));
  return end;
}

/// Appends the character's UTF-8.
inline void append_character(char32_t code_point, std::string& out) {
  const auto put = [&](std::uint32_t value) { out.push_back(static_cast<char>(static_cast<unsigned char>(value))); };
  const std::uint32_t c = code_point;
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0U | c >> 6U);
    put(0x80U | (c & 0x3FU));
  } else if (c < 0x10000) {
    put(0xE0U | c >> 12U);
    put(0x80U | (c >> 6U & 0x3FU));
    put(0x80U | (c & 0x3FU));
  } else {
    put(0xF0U | c >> 18U);
    put(0x80U | (c >> 12U & 0x3FU));
    put(0x80U | (c >> 6U & 0x3FU));
    put(0x80U | (c & 0x3FU));
  }
}

/// The range of a sorted table that holds the character, or null.
template <class Range, std::size_t count>
const Range* find_range(const Range (&ranges)[count], char32_t code_point) {
  const Range* after = std::upper_bound(std::begin(ranges), std::end(ranges), code_point,
                                        [](char32_t value, const Range& range) { return value < range.first; });
  if (after == std::begin(ranges)) return nullptr;
  const Range* range = after - 1;
  return code_point <= range->last ? range : nullptr;
}

namespace character_detail {

inline constexpr std::array<CharacterClass, 128> k_ascii_classes = [] {
  std::array<CharacterClass, 128> classes{};
  for (const ClassRange& range : k_class_ranges) {
    for (char32_t c = range.first; c <= range.last && c < 128; ++c) classes[c] = range.character_class;
  }
  return classes;
}();

inline bool has(char32_t code_point, std::uint16_t bits) {
  return (CharacterProperties::table().of(code_point) & bits) != 0;
}

}  // namespace character_detail

/// Letter, number, white space or other, as \p{L}, \p{N} and \s have it.
inline CharacterClass character_class(char32_t code_point) {
  if (code_point < 128) return character_detail::k_ascii_classes[code_point];
  return static_cast<CharacterClass>(CharacterProperties::table().of(code_point) & property::k_class);
}

inline bool is_space(char32_t code_point) { return character_class(code_point) == CharacterClass::space; }
inline bool is_word(char32_t code_point) { return character_detail::has(code_point, property::k_word); }
inline bool is_punctuation(char32_t code_point) { return character_detail::has(code_point, property::k_punctuation); }
inline bool is_numeric(char32_t code_point) { return character_detail::has(code_point, property::k_numeric); }

/// The small letter of a capital that has one of one character: all but U+0130.
inline char32_t small_letter(char32_t code_point) {
  const CaseRange* range = find_range(k_lower_ranges, code_point);
  if (range == nullptr || (code_point - range->first) % range->step != 0) return code_point;
  return static_cast<char32_t>(static_cast<std::int32_t>(code_point) + range->distance);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
