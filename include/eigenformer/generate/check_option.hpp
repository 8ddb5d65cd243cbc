// Whether an option of the host is in its range.
#pragma once

#include <charconv>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

struct NumberRange {
  double least, most;
};
struct CountRange {
  std::size_t least, most;
};
struct TextsRange {
  std::size_t most;        ///< texts
  std::size_t most_bytes;  ///< of each, which has one at least
};

namespace check_option_detail {

inline std::string shown(double value) {
  char digits[32];
  const bool is_handy = value >= 1e-6 && value < 1e9;  // else 0.0001 would be shown as 1e-04
  const std::chars_format format = is_handy ? std::chars_format::fixed : std::chars_format::general;
  return {digits, std::to_chars(digits, digits + sizeof digits, value, format).ptr};
}

}  // namespace check_option_detail

/// Throws UsageError "usage.option_range".
[[noreturn]] inline void refuse_option(std::string_view option, const std::string& expected, const std::string& found) {
  throw UsageError({.id = "usage.option_range",
                    .expected = expected,
                    .found = found,
                    .where = std::string(option),
                    .remedy = "pass a value in that range"});
}

/// NaN is in no range.
inline void check_number(std::string_view option, double value, const NumberRange& range) {
  if (value >= range.least && value <= range.most) return;
  refuse_option(
      option,
      "a number from " + check_option_detail::shown(range.least) + " to " + check_option_detail::shown(range.most),
      check_option_detail::shown(value));
}

inline void check_count(std::string_view option, std::size_t value, const CountRange& range) {
  if (value >= range.least && value <= range.most) return;
  refuse_option(option, "a whole number from " + std::to_string(range.least) + " to " + std::to_string(range.most),
                std::to_string(value));
}

/// Texts to look for in UTF-8.
inline void check_texts(std::string_view option, std::span<const std::string> texts, const TextsRange& range) {
  if (texts.size() > range.most) {
    refuse_option(option, "at most " + std::to_string(range.most) + " texts", std::to_string(texts.size()));
  }
  for (const std::string& text : texts) {
    if (text.empty() || text.size() > range.most_bytes) {
      refuse_option(option, "texts of 1 to " + std::to_string(range.most_bytes) + " bytes",
                    "one of " + std::to_string(text.size()));
    }
    const bool begins_inside_a_character = (static_cast<unsigned char>(text[0]) & 0xC0U) == 0x80U;
    if (begins_inside_a_character) refuse_option(option, "UTF-8 text", "one that begins inside a character");
  }
}

inline void check_token(std::string_view option, TokenId token, std::size_t vocabulary_size) {
  if (token >= 0 && static_cast<std::size_t>(token) < vocabulary_size) return;
  refuse_option(option, "token ids from 0 to " + std::to_string(vocabulary_size - 1), std::to_string(token));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
