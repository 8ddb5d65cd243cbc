#pragma once

#include <charconv>
#include <cmath>

#include "eigenformer/chat/template/access.hpp"
#include "eigenformer/chat/template/iterate.hpp"
#include "eigenformer/chat/template/print.hpp"
#include "eigenformer/chat/template/unicode.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace print_detail {

inline void append_hex(std::string& out, char32_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out.push_back("0123456789abcdef"[(value >> shift) & 15]);
}

inline std::string escape_of(char32_t c) {
  const int digits = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
  std::string out = digits == 2 ? "\\x" : digits == 4 ? "\\u" : "\\U";
  append_hex(out, c, digits);
  return out;
}

/// One character inside a quoted Python text.
EIGENFORMER_INLINE std::string escaped_character(char32_t c, char quote) {
  std::string out;
  if (c == static_cast<unsigned char>(quote) || c == '\\') return {'\\', static_cast<char>(c)};
  if (c == '\n') return "\\n";
  if (c == '\r') return "\\r";
  if (c == '\t') return "\\t";
  if (!is_printable(c)) return escape_of(c);
  encode(c, out);
  return out;
}

EIGENFORMER_INLINE void append_quoted(const Text& text, TextBuilder& out) {
  out.expect(text);
  const auto provenance = provenance_of(text);
  if (text.escaped) out.append("Markup(", provenance);
  const bool double_quotes = text.bytes.find('\'') != std::string::npos && text.bytes.find('"') == std::string::npos;
  const char quote = double_quotes ? '"' : '\'';
  out.append(std::string_view(&quote, 1), provenance);
  for (TextCursor cursor(text); !cursor.done();) out.append(escaped_character(cursor.next(), quote), provenance);
  out.append(std::string_view(&quote, 1), provenance);
  if (text.escaped) out.append(")", provenance);
}

struct Brackets {
  std::string_view open, close;
  Provenance provenance = Provenance::trusted;
};

EIGENFORMER_INLINE void append_items(Runtime& runtime, const std::vector<Value>& items, const Brackets& brackets,
                                     TextBuilder& out, std::size_t depth) {
  out.append(brackets.open, brackets.provenance);
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out.append(", ", brackets.provenance);
    append_repr(runtime, items[i], out, depth + 1);
  }
  out.append(brackets.close, brackets.provenance);
}

EIGENFORMER_INLINE void append_dict(Runtime& runtime, const DictObject& dict, TextBuilder& out, std::size_t depth) {
  const auto provenance = dict.content ? Provenance::content : Provenance::trusted;
  out.append("{", provenance);
  bool first = true;
  for (const auto& [key, value] : dict.entries) {
    if (!first) out.append(", ", provenance);
    first = false;
    append_repr(runtime, key, out, depth + 1);
    out.append(": ", provenance);
    append_repr(runtime, value, out, depth + 1);
  }
  out.append("}", provenance);
}

EIGENFORMER_INLINE void append_space(Runtime& runtime, const NamespaceObject& space, TextBuilder& out,
                                     std::size_t depth) {
  out.append("<Namespace {");
  bool first = true;
  for (const auto& [name, value] : space.attributes) {
    if (!first) out.append(", ");
    first = false;
    append_quoted({.bytes = name, .content = {{0, name.size()}}}, out);  // nobody knows who wrote the name
    out.append(": ");
    append_repr(runtime, value, out, depth + 1);
  }
  out.append("}>");
}

EIGENFORMER_INLINE void append_range(const RangeObject& range, TextBuilder& out) {
  out.append("range(" + std::to_string(range.start) + ", " + std::to_string(range.stop));
  if (range.step != 1) out.append(", " + std::to_string(range.step));
  out.append(")");
}

EIGENFORMER_INLINE void append_view(Runtime& runtime, const Value& value, TextBuilder& out, std::size_t depth) {
  const bool content = dict_of(value.as<ViewObject>().dict).content;
  const auto provenance = content ? Provenance::content : Provenance::trusted;
  out.append(type_name(value) + "(", provenance);
  append_items(runtime, items_left(runtime, value), {"[", "]", provenance}, out, depth);
  out.append(")", provenance);
}

}  // namespace print_detail

EIGENFORMER_INLINE std::string python_float(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific).ptr;
  std::string_view text(buffer, static_cast<std::size_t>(end - buffer));  // [-]d[.ddd]e[+-]xx
  const bool negative = text.front() == '-';
  if (negative) text.remove_prefix(1);
  const std::size_t e = text.find('e');
  int exponent = 0;
  const char* digits_of_exponent = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(digits_of_exponent, text.data() + text.size(), exponent);
  std::string digits(text.substr(0, 1));
  if (e > 2) digits += text.substr(2, e - 2);
  std::string out = negative ? "-" : "";
  const int count = static_cast<int>(digits.size());
  const int whole = exponent + 1;  // digits before the point
  if (exponent < -4 || exponent >= 16) {
    out += digits[0];
    if (count > 1) out += "." + digits.substr(1);
    const std::string magnitude = std::to_string(std::abs(exponent));
    return out + (exponent < 0 ? "e-" : "e+") + (magnitude.size() < 2 ? "0" : "") + magnitude;
  }
  if (exponent < 0) return out + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  if (count <= whole) return out + digits + std::string(static_cast<std::size_t>(whole - count), '0') + ".0";
  return out + digits.insert(static_cast<std::size_t>(whole), 1, '.');
}

EIGENFORMER_INLINE void append_text(Runtime& runtime, const Value& value, TextBuilder& out) {
  if (value.is(Kind::text)) return out.append(text_of(value));
  if (value.is(Kind::undefined) || value.is(Kind::missing)) return;
  append_repr(runtime, value, out);
}

EIGENFORMER_INLINE Value to_text(Runtime& runtime, const Value& value) {
  if (value.is(Kind::text)) return value;
  TextBuilder out(runtime);
  append_text(runtime, value, out);
  return out.value();
}

EIGENFORMER_INLINE void append_ascii(Runtime& runtime, const Value& value, TextBuilder& out) {
  TextBuilder whole(runtime);
  append_repr(runtime, value, whole);
  const Text text = whole.take();
  for (TextCursor cursor(text); !cursor.done();) {
    const Provenance provenance = cursor.provenance();
    const char32_t c = cursor.next();
    if (c < 0x80) {
      out.append(c, provenance);
    } else {
      out.append(print_detail::escape_of(c), provenance);
    }
  }
}

EIGENFORMER_INLINE void append_repr(Runtime& runtime, const Value& value, TextBuilder& out, std::size_t depth) {
  runtime.step();
  runtime.check_depth(depth);
  switch (value.kind()) {
    case Kind::none: return out.append("None");
    case Kind::boolean: return out.append(value.scalar() != 0 ? "True" : "False");
    case Kind::integer: return out.append(std::to_string(value.scalar()));
    case Kind::number: return out.append(python_float(value.real()));
    case Kind::text: return print_detail::append_quoted(text_of(value), out);
    case Kind::list:
    case Kind::tuple: {
      const auto& list = value.as<ListObject>();
      const auto provenance = list.content ? Provenance::content : Provenance::trusted;
      if (value.is(Kind::list))
        return print_detail::append_items(runtime, list.items, {"[", "]", provenance}, out, depth);
      const std::string_view close = list.items.size() == 1 ? ",)" : ")";
      return print_detail::append_items(runtime, list.items, {"(", close, provenance}, out, depth);
    }
    case Kind::object: return print_detail::append_dict(runtime, dict_of(value), out, depth);
    case Kind::range: return print_detail::append_range(value.as<RangeObject>(), out);
    case Kind::view: return print_detail::append_view(runtime, value, out, depth);
    case Kind::space: return print_detail::append_space(runtime, value.as<NamespaceObject>(), out, depth);
    case Kind::loop:
      out.append("<LoopContext " + std::to_string(value.as<LoopObject>().index0 + 1) + "/");
      return out.append(std::to_string(loop_length(value.as<LoopObject>())) + ">");
    case Kind::undefined: return out.append("Undefined");
    default: break;
  }
  // Python prints an address here, which no template can want in a prompt.
  runtime.fail_type("a value that has a text", "a value of type " + type_name(value));
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
