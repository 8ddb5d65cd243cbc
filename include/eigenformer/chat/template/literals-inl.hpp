#pragma once

#include <algorithm>
#include <charconv>
#include <system_error>

#include "eigenformer/chat/template/literals.hpp"
#include "eigenformer/chat/template/numbers.hpp"
#include "eigenformer/chat/template/text.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace literals_detail {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

inline int digit_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 99;
}

/// Length of (_?digit)* in the base, from `at` on; digits go to `out` without underscores.
inline std::size_t scan_digits(std::string_view text, std::size_t at, int base, std::string& out) {
  const std::size_t begin = at;
  while (at < text.size()) {
    const std::size_t digit = text[at] == '_' ? at + 1 : at;
    if (digit >= text.size() || digit_value(text[digit]) >= base) break;
    out.push_back(text[digit]);
    at = digit + 1;
  }
  return at - begin;
}

/// Length of (\d+_)*\d+, the digits of numbers with a point.
inline std::size_t scan_plain_digits(std::string_view text, std::size_t at, std::string& out) {
  if (at >= text.size() || !is_digit(text[at])) return 0;
  return scan_digits(text, at, 10, out);
}

/// Length of a number with a point or an exponent; 0 for others.
EIGENFORMER_INLINE std::size_t scan_float(std::string_view text, std::string& out) {
  std::size_t at = scan_plain_digits(text, 0, out);
  if (at == 0) return 0;
  bool is_float = false;
  const auto extend = [&](std::size_t prefix_size, std::string_view prefix) {
    std::string digits;
    const std::size_t size = scan_plain_digits(text, at + prefix_size, digits);
    if (size == 0) return;
    out += prefix;
    out += digits;
    at += prefix_size + size;
    is_float = true;
  };
  if (at < text.size() && text[at] == '.') extend(1, ".");
  if (at < text.size() && (text[at] | 0x20) == 'e') {
    const bool sign = at + 1 < text.size() && (text[at + 1] == '+' || text[at + 1] == '-');
    extend(sign ? 2 : 1, sign && text[at + 1] == '-' ? "e-" : "e+");
  }
  return is_float ? at : 0;
}

/// Length of an integer, its digits and its base.
EIGENFORMER_INLINE std::size_t scan_integer(std::string_view text, std::string& out, int& base) {
  base = 10;
  if (text.size() > 2 && text[0] == '0') {
    const char letter = static_cast<char>(text[1] | 0x20);
    const int prefixed = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    if (prefixed != 0) {
      const std::size_t size = scan_digits(text, 2, prefixed, out);
      if (size > 0) {
        base = prefixed;
        return size + 2;
      }
    }
  }
  if (text.empty() || !is_digit(text[0])) return 0;
  if (text[0] != '0') return scan_plain_digits(text, 0, out);
  out = "0";
  std::string zeros;
  return 1 + scan_digits(text, 1, 1, zeros);
}

inline void append_ascii_escape(std::string& out, char32_t c) {
  const int digits = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
  out += digits == 2 ? "x" : digits == 4 ? "u" : "U";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out.push_back("0123456789abcdef"[(c >> shift) & 15]);
}

/// The code point of `size` hexadecimal digits.
EIGENFORMER_INLINE char32_t hex_escape(std::string_view body, std::size_t at, std::size_t size,
                                       const SourcePlace& place) {
  char32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const int digit = at + i < body.size() ? digit_value(body[at + i]) : 99;
    if (digit >= 16) place.fail_syntax(std::to_string(size) + " hexadecimal digits after a backslash", "fewer");
    value = value * 16 + static_cast<char32_t>(digit);
  }
  if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) {
    place.fail_syntax("the number of a character after a backslash", "a number that is none");
  }
  return value;
}

}  // namespace literals_detail

EIGENFORMER_INLINE std::size_t scan_number(std::string_view rest, bool after_point, const SourcePlace& place,
                                           Token& token) {
  std::string digits;
  std::size_t size = after_point ? 0 : literals_detail::scan_float(rest, digits);
  if (size > 0) {
    token.kind = TokenKind::number;
    token.number = parse_float(digits).value_or(0);
    return size;
  }
  digits.clear();
  int base = 10;
  size = literals_detail::scan_integer(rest, digits, base);
  if (size == 0) return 0;
  token.kind = TokenKind::integer;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), token.integer, base);
  if (result.ec != std::errc()) place.fail_syntax("an integer of at most 64 bits", digits);
  return size;
}

EIGENFORMER_INLINE std::string unescape(std::string_view body, const SourcePlace& place) {
  std::string out;
  for (std::size_t at = 0; at < body.size();) {
    if (body[at] != '\\' || at + 1 >= body.size()) {
      out.push_back(body[at++]);
      continue;
    }
    const CodePoint escaped = decode(body, at + 1);
    at += 1 + escaped.size;
    const auto hex = [&](std::size_t size) {
      encode(literals_detail::hex_escape(body, at, size, place), out);
      at += size;
    };
    switch (escaped.value) {
      case '\n': break;
      case '\\':
      case '\'':
      case '"': out.push_back(static_cast<char>(escaped.value)); break;
      case 'a': out.push_back('\a'); break;
      case 'b': out.push_back('\b'); break;
      case 'f': out.push_back('\f'); break;
      case 'n': out.push_back('\n'); break;
      case 'r': out.push_back('\r'); break;
      case 't': out.push_back('\t'); break;
      case 'v': out.push_back('\v'); break;
      case 'x': hex(2); break;
      case 'u': hex(4); break;
      case 'U': hex(8); break;
      case 'N': place.fail_unsupported("an escape \\N with the name of a character");
      default:
        if (escaped.value >= '0' && escaped.value <= '7') {
          char32_t value = escaped.value - '0';
          for (int i = 0; i < 2 && at < body.size() && body[at] >= '0' && body[at] <= '7'; ++i) {
            value = value * 8 + static_cast<char32_t>(body[at++] - '0');
          }
          encode(value, out);
        } else {
          out.push_back('\\');
          // Jinja turns what is not ASCII into escapes before it replaces them, which leaves their letters here.
          if (escaped.value < 0x80)
            encode(escaped.value, out);
          else
            literals_detail::append_ascii_escape(out, escaped.value);
        }
    }
  }
  return out;
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
