#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <system_error>

#include "eigenformer/chat/template/numbers.hpp"
#include "eigenformer/chat/template/operators.hpp"
#include "eigenformer/chat/template/text.hpp"
#include "eigenformer/chat/template/unicode.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace numbers_detail {

/// Without the white space around it.
inline std::string_view trimmed(std::string_view text) {
  std::size_t begin = text.size(), end = text.size();
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = decode(text, at);
    if (!is_space(point.value)) {
      begin = std::min(begin, at);
      end = at + point.size;
    }
    at += point.size;
  }
  return text.substr(begin, end - begin);
}

/// Takes underscores out that stand between two characters which are neither underscores nor signs nor points; none
/// where one stands elsewhere.
inline std::optional<std::string> without_underscores(std::string_view text) {
  std::string out;
  const auto is_digit = [&](std::size_t at) {
    if (at >= text.size()) return false;
    const char c = static_cast<char>(text[at] | 0x20);
    return (text[at] >= '0' && text[at] <= '9') || (c >= 'a' && c <= 'z');
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '_') {
      out.push_back(text[at]);
    } else if (at == 0 || !is_digit(at - 1) || !is_digit(at + 1)) {
      return std::nullopt;
    }
  }
  return out;
}

inline int base_of_prefix(std::string_view digits) {
  if (digits.size() < 2 || digits[0] != '0') return 0;
  const char letter = static_cast<char>(digits[1] | 0x20);
  return letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
}

}  // namespace numbers_detail

EIGENFORMER_INLINE std::optional<std::int64_t> parse_integer(Runtime& runtime, std::string_view text, int base) {
  if (base != 0 && (base < 2 || base > 36)) return std::nullopt;
  const auto cleaned = numbers_detail::without_underscores(numbers_detail::trimmed(text));
  if (!cleaned) return std::nullopt;
  std::string_view digits = *cleaned;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  const int prefix = numbers_detail::base_of_prefix(digits);
  if (prefix != 0 && (base == 0 || base == prefix)) {
    digits.remove_prefix(2);
    base = prefix;
  } else if (base == 0) {
    if (digits.size() > 1 && digits[0] == '0' && digits.find_first_not_of('0') != std::string_view::npos)
      return std::nullopt;
    base = 10;
  }
  std::uint64_t magnitude = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
  if (digits.empty() || result.ptr != digits.data() + digits.size()) return std::nullopt;
  const std::uint64_t limit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) + (negative ? 1 : 0);
  if (result.ec != std::errc() || magnitude > limit) {
    runtime.fail_value("integers of at most 64 bits", "a larger one");
  }
  return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
}

EIGENFORMER_INLINE std::optional<double> parse_float(std::string_view text) {
  const auto cleaned = numbers_detail::without_underscores(numbers_detail::trimmed(text));
  if (!cleaned) return std::nullopt;
  std::string_view digits = *cleaned;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.empty() || digits[0] == '-' || digits.find('(') != std::string_view::npos) return std::nullopt;
  double value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (result.ptr != digits.data() + digits.size()) return std::nullopt;
  if (result.ec == std::errc::result_out_of_range) {
    // from_chars does not say which way: a huge number is infinite, a tiny one zero
    const std::size_t exponent = digits.find_first_of("eE");
    const bool tiny = exponent != std::string_view::npos
                          ? digits.substr(exponent + 1).starts_with('-')
                          : digits.find('.') != std::string_view::npos && digits[0] == '0';
    value = tiny ? 0 : std::numeric_limits<double>::infinity();
  } else if (result.ec != std::errc()) {
    return std::nullopt;
  }
  return negative ? -value : value;
}

EIGENFORMER_INLINE Value rounded(Runtime& runtime, const Value& number, int digits) {
  if (is_integer(number)) {
    if (digits >= 0) return number;
    const std::int64_t unit = apply(runtime, Operator::power, Value::integer(10), Value::integer(-digits)).scalar();
    const std::int64_t rest = apply(runtime, Operator::modulo, number, Value::integer(unit)).scalar();
    const std::int64_t lower = number.scalar() - rest;
    const bool odd = (lower / unit) % 2 != 0;
    const bool up = rest > unit / 2 || (rest == unit / 2 && odd);
    return up ? apply(runtime, Operator::add, Value::integer(lower), Value::integer(unit)) : Value::integer(lower);
  }
  const double value = number.real();
  if (!std::isfinite(value)) return number;
  if (digits < 0) {
    const auto unit = apply(runtime, Operator::power, Value::integer(10), Value::integer(-digits));
    const double scale = static_cast<double>(unit.scalar());
    return Value::number(rounded(runtime, Value::number(value / scale), 0).real() * scale);
  }
  char buffer[720];  // 309 digits before the point, 300 after it
  const auto written = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::fixed, digits);
  double out = value;
  std::from_chars(buffer, written.ptr, out);
  return Value::number(out);
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
