#pragma once

#include <algorithm>
#include <cmath>

#include "eigenformer/chat/template/format.hpp"
#include "eigenformer/chat/template/iterate.hpp"
#include "eigenformer/chat/template/operators.hpp"
#include "eigenformer/chat/template/print.hpp"
#include "eigenformer/chat/template/text_operations.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace percent_detail {

/// The values that a format takes, in order or by name.
class Source {
 public:
  Source(Runtime& runtime, const Value& value) : runtime_(runtime), value_(value) {}

  Value next() {
    if (value_.is(Kind::tuple)) {
      const auto& items = items_of(value_);
      if (taken_ >= items.size()) fail_count();
      return items[taken_++];
    }
    if (taken_++ > 0) fail_count();
    return value_;
  }

  Value named(std::string_view name) {
    if (!value_.is(Kind::object))
      runtime_.fail_type("an object to format by names", "a value of type " + type_name(value_));
    by_name_ = true;
    const auto found = find_key(dict_of(value_), name);
    if (!found)
      runtime_.fail_value("the name '" + std::string(name) + "' among what is formatted", "that it is not there");
    return dict_of(value_).entries[*found].second;
  }

  void finish() const {
    if (value_.is(Kind::object) || by_name_) return;
    if (taken_ < (value_.is(Kind::tuple) ? items_of(value_).size() : 1)) {
      runtime_.fail_type("a place in the format for every value", "values that are left over");
    }
  }

 private:
  [[noreturn]] void fail_count() const { runtime_.fail_type("a value for every place in the format", "too few"); }

  Runtime& runtime_;
  const Value& value_;
  std::size_t taken_ = 0;
  bool by_name_ = false;
};

class Formatter {
 public:
  Formatter(Runtime& runtime, const Text& text, const Value& value)
      : runtime_(runtime), text_(text), bytes_(text.bytes), source_(runtime, value), out_(runtime) {}

  Value run() {
    while (at_ < bytes_.size()) {
      const std::size_t percent = std::min(bytes_.find('%', at_), bytes_.size());
      out_.append(text_, at_, percent);
      at_ = percent;
      if (at_ < bytes_.size()) {
        ++at_;
        conversion();
      }
    }
    source_.finish();
    return out_.escaped(text_.escaped).value();
  }

 private:
  char peek() const {
    if (at_ >= bytes_.size()) runtime_.fail_value("a complete format", "an end after '%'");
    return bytes_[at_];
  }

  std::int64_t number(std::int64_t fallback) {
    if (peek() == '*') {
      ++at_;
      return integer_argument(runtime_, source_.next(), "a width or precision");
    }
    std::int64_t value = fallback;
    for (; peek() >= '0' && peek() <= '9'; ++at_) {
      value = (value < 0 ? 0 : value) * 10 + (peek() - '0');
      if (value > 1'000'000'000) runtime_.fail_value("a width or precision that a text can have", "a larger one");
    }
    return value;
  }

  void conversion() {
    std::optional<Value> named;
    if (peek() == '(') {
      const std::size_t end = bytes_.find(')', at_);
      if (end == std::string_view::npos) runtime_.fail_value("a closed name in the format", "an open one");
      named = source_.named(bytes_.substr(at_ + 1, end - at_ - 1));
      at_ = end + 1;
    }
    FormatSpec spec{.align = '>'};
    bool zero = false;
    for (; std::string_view("-+ #0").find(peek()) != std::string_view::npos; ++at_) {
      if (peek() == '-') spec.align = '<';
      if (peek() == '+') spec.sign = '+';
      if (peek() == ' ' && spec.sign != '+') spec.sign = ' ';
      if (peek() == '#') spec.alternate = true;
      if (peek() == '0') zero = true;
    }
    spec.width = number(0);
    if (spec.width < 0) {
      spec.align = '<';
      spec.width = -spec.width;
    }
    if (peek() == '.') {
      ++at_;
      spec.precision = std::max<std::int64_t>(0, number(0));
    }
    while (peek() == 'l' || peek() == 'h' || peek() == 'L') ++at_;
    spec.type = bytes_[at_++];
    if (spec.type == '%') return out_.append("%");
    place(named ? *named : source_.next(), spec, zero);
  }

  void place(const Value& value, FormatSpec spec, bool zero) {
    switch (spec.type) {
      case 's':
      case 'r':
      case 'a':
      case 'c': return place_text(value, spec);
      case 'd':
      case 'i':
      case 'u':
      case 'o':
      case 'x':
      case 'X':
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G': break;
      default: runtime_.fail_unsupported(std::string("the conversion '%") + spec.type + "'");
    }
    if (!is_numeric(value))
      runtime_.fail_type("a number for the conversion '%" + std::string(1, spec.type) + "'",
                         "a value of type " + type_name(value));
    if (zero && spec.align != '<') {
      spec.align = '=';
      spec.fill = '0';
    }
    Value number = value;
    if (std::string_view("diuoxX").find(spec.type) != std::string_view::npos) {
      if (!is_integer(value) && std::string_view("oxX").find(spec.type) != std::string_view::npos) {
        runtime_.fail_type("an integer for the conversion '%" + std::string(1, spec.type) + "'", "a float");
      }
      number = truncated(runtime_, value);
      if (spec.type == 'i' || spec.type == 'u') spec.type = 'd';
      place_integer(number, spec);
      return;
    }
    append_padded({.bytes = format_number(runtime_, number, spec), .content = {}}, spec);
  }

  void place_integer(const Value& value, const FormatSpec& spec) {
    std::string digits = format_number(runtime_, value, spec);
    const std::size_t prefix = digits.find_first_of("+- ") == 0 ? 1 : 0;
    const auto count = static_cast<std::int64_t>(digits.size() - prefix);
    if (spec.precision > count) {
      runtime_.check_text(static_cast<std::size_t>(spec.precision));
      digits.insert(prefix, static_cast<std::size_t>(spec.precision - count), '0');
    }
    append_padded({.bytes = std::move(digits), .content = {}}, spec);
  }

  void place_text(const Value& value, const FormatSpec& spec) {
    TextBuilder body(runtime_);
    if (spec.type == 'r') {
      append_repr(runtime_, value, body);
    } else if (spec.type == 'a') {
      append_ascii(runtime_, value, body);
    } else if (spec.type == 'c') {
      append_character(value, body);
    } else {
      append_text(runtime_, text_.escaped ? escape_html(runtime_, value) : value, body);
    }
    Text text = body.take();
    if (spec.precision >= 0) {
      const std::size_t end = offset_of(text.bytes, static_cast<std::size_t>(spec.precision));
      TextBuilder cut(runtime_);
      cut.append(text, 0, end);
      text = cut.take();
    }
    append_padded(text, spec);
  }

  /// Nobody knows who wrote a number, so the character of one counts as content.
  void append_character(const Value& value, TextBuilder& body) {
    if (is_integer(value)) {
      if (value.scalar() < 0 || value.scalar() > 0x10FFFF)
        runtime_.fail_value("a character", std::to_string(value.scalar()));
      return body.append(static_cast<char32_t>(value.scalar()), Provenance::content);
    }
    const bool is_character = value.is(Kind::text) && count_code_points(text_of(value).bytes) == 1;
    if (!is_character) runtime_.fail_type("one character", "a value of type " + type_name(value));
    append_text(runtime_, value, body);
  }

  void append_padded(const Text& body, const FormatSpec& spec) {
    templating::append_padded(body, spec, static_cast<std::int64_t>(count_code_points(body.bytes)), out_);
  }

  Runtime& runtime_;
  const Text& text_;
  std::string_view bytes_;
  Source source_;
  TextBuilder out_;
  std::size_t at_ = 0;
};

}  // namespace percent_detail

EIGENFORMER_INLINE Value format_percent(Runtime& runtime, const Text& text, const Value& value) {
  return percent_detail::Formatter(runtime, text, value).run();
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
