#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>

#include "eigenformer/chat/template/format.hpp"
#include "eigenformer/chat/template/print.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace format_detail {

/// More digits than a double can have: its longest has 309 before and 1074 after the point.
inline constexpr std::int64_t k_most_precision = 1100;

inline std::string upper_ascii(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

inline std::string magnitude_of(std::int64_t value, int base) {
  const std::uint64_t magnitude = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  char buffer[72];
  return {buffer, std::to_chars(buffer, buffer + sizeof(buffer), magnitude, base).ptr};
}

inline std::string grouped(const std::string& digits, char separator, std::size_t every) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % every == 0) out.push_back(separator);
    out.push_back(digits[i]);
  }
  return out;
}

/// Digits of |value| as the type asks, in lower case.
EIGENFORMER_INLINE std::string float_digits(Runtime& runtime, double value, const FormatSpec& spec) {
  value = std::fabs(value);
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return spec.type == '%' ? "inf%" : "inf";
  if (spec.precision > k_most_precision) {
    runtime.fail_value("a precision of at most " + std::to_string(k_most_precision), std::to_string(spec.precision));
  }
  if (spec.type == 0 && spec.precision < 0) return python_float(value);
  const int precision = spec.precision < 0 ? 6 : static_cast<int>(spec.precision);
  const char type = upper_ascii({spec.type})[0];
  std::string buffer(static_cast<std::size_t>(k_most_precision) + 400, '\0');
  const auto write = [&](double number, std::chars_format format, int digits) {
    char* const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format, digits).ptr;
    return buffer.substr(0, static_cast<std::size_t>(end - buffer.data()));
  };
  if (type == 'F') return write(value, std::chars_format::fixed, precision);
  if (type == 'E') return write(value, std::chars_format::scientific, precision);
  if (type == '%') return write(value * 100, std::chars_format::fixed, precision) + "%";
  std::string text = write(value, std::chars_format::general, std::max(precision, 1));
  // Without a type, a number keeps a digit after the point.
  if (spec.type == 0 && text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

inline int base_of(char type) { return type == 'b' ? 2 : type == 'o' ? 8 : type == 'x' || type == 'X' ? 16 : 10; }

inline std::string integer_digits(std::int64_t value, const FormatSpec& spec) {
  const int base = base_of(spec.type);
  std::string digits = magnitude_of(value, base);
  if (spec.grouping != 0) digits = grouped(digits, spec.grouping, base == 10 ? 3 : 4);
  if (spec.alternate && base != 10) digits = std::string("0") + spec.type + digits;
  return spec.type == 'X' ? upper_ascii(digits) : digits;
}

}  // namespace format_detail

EIGENFORMER_INLINE std::string format_number(Runtime& runtime, const Value& value, const FormatSpec& spec) {
  const bool as_integer =
      is_integer(value) && std::string_view("bdoxXn\0", 7).find(spec.type) != std::string_view::npos;
  bool negative = false;
  std::string digits;
  if (as_integer) {
    negative = value.scalar() < 0;
    digits = format_detail::integer_digits(value.scalar(), spec);
  } else {
    if (std::string_view("eEfFgG%\0", 8).find(spec.type) == std::string_view::npos) {
      runtime.fail_value("a format that a value of type " + type_name(value) + " has",
                         std::string("the format '") + spec.type + "'");
    }
    const double number = is_integer(value) ? static_cast<double>(value.scalar()) : value.real();
    negative = std::signbit(number) && !std::isnan(number);
    digits = format_detail::float_digits(runtime, number, spec);
    if (spec.grouping != 0) {
      const std::size_t whole = std::min(digits.find_first_not_of("0123456789"), digits.size());
      digits = format_detail::grouped(digits.substr(0, whole), spec.grouping, 3) + digits.substr(whole);
    }
    if (spec.type >= 'A' && spec.type <= 'Z') digits = format_detail::upper_ascii(digits);
  }
  return (negative ? "-" : spec.sign == '+' || spec.sign == ' ' ? std::string(1, spec.sign) : "") + digits;
}

EIGENFORMER_INLINE void append_padded(const Text& body, const FormatSpec& spec, std::int64_t width_of_body,
                                      TextBuilder& out) {
  const std::int64_t missing = std::max<std::int64_t>(0, spec.width - width_of_body);
  std::string filler;
  encode(spec.fill, filler);
  std::size_t prefix = 0;  // sign and 0x stay in front of the zeros
  if (spec.align == '=') {
    prefix = body.bytes.find_first_of("+- ") == 0 ? 1 : 0;
    if (spec.alternate && body.bytes.size() > prefix + 1 && body.bytes[prefix] == '0') prefix += 2;
  }
  const std::int64_t left = spec.align == '<' ? 0 : spec.align == '^' ? missing / 2 : missing;
  out.append(body, 0, prefix);
  out.repeat(filler, static_cast<std::size_t>(left), spec.of_fill);
  out.append(body, prefix, body.bytes.size());
  out.repeat(filler, static_cast<std::size_t>(missing - left), spec.of_fill);
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
