// Whether an option of the host is in its range.
#pragma once

#include <charconv>
#include <cstddef>
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

inline void check_token(std::string_view option, TokenId token, std::size_t vocabulary_size) {
  if (token >= 0 && static_cast<std::size_t>(token) < vocabulary_size) return;
  refuse_option(option, "token ids from 0 to " + std::to_string(vocabulary_size - 1), std::to_string(token));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
