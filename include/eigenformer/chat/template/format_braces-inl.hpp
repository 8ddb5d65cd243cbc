#pragma once

#include <algorithm>

#include "eigenformer/chat/template/access.hpp"
#include "eigenformer/chat/template/format.hpp"
#include "eigenformer/chat/template/print.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace braces_detail {

/// The specification after a colon; https://docs.python.org/3/library/string.html#format-specification-mini-language
EIGENFORMER_INLINE FormatSpec parse_spec(Runtime& runtime, std::string_view text) {
  FormatSpec spec;
  const auto is_align = [](char c) { return c == '<' || c == '>' || c == '^' || c == '='; };
  const auto take = [&] {
    const char c = text.front();
    text.remove_prefix(1);
    return c;
  };
  const auto number = [&] {
    std::int64_t value = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
      value = value * 10 + (take() - '0');
      if (value > 1'000'000'000) runtime.fail_value("a width or precision that a text can have", "a larger one");
    }
    return value;
  };
  const std::size_t first = text.empty() ? 0 : decode(text, 0).size;
  if (first < text.size() && is_align(text[first])) {
    spec.fill = decode(text, 0).value;
    text.remove_prefix(first);
    spec.align = take();
  } else if (!text.empty() && is_align(text.front())) {
    spec.align = take();
  }
  if (!text.empty() && std::string_view("+- ").find(text.front()) != std::string_view::npos) spec.sign = take();
  if (text.starts_with('#')) spec.alternate = take() == '#';
  if (text.starts_with('0')) {
    take();
    if (spec.align == 0) {
      spec.align = '=';
      spec.fill = '0';
      spec.zero = true;
    }
  }
  spec.width = number();
  if (text.starts_with(',') || text.starts_with('_')) spec.grouping = take();
  if (text.starts_with('.')) {
    take();
    if (text.empty() || text.front() < '0' || text.front() > '9') runtime.fail_value("digits after the point", "none");
    spec.precision = number();
  }
  if (!text.empty()) spec.type = take();
  if (!text.empty()) runtime.fail_value("a format specification", "more after its end: '" + std::string(text) + "'");
  return spec;
}

class Formatter {
 public:
  Formatter(Runtime& runtime, const Text& text, const Arguments& arguments)
      : runtime_(runtime), arguments_(arguments), out_(runtime), text_(text) {}

  Value run() {
    const std::string_view bytes = text_.bytes;
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t brace = std::min(bytes.find_first_of("{}", at), bytes.size());
      out_.append(text_, at, brace);
      at = brace;
      if (at >= bytes.size()) break;
      if (at + 1 < bytes.size() && bytes[at + 1] == bytes[at]) {
        out_.append(text_, at, at + 1);
        at += 2;
      } else if (bytes[at] == '}') {
        runtime_.fail_value("a '{' for every '}' in the format", "a single '}'");
      } else {
        const std::size_t end = closing(bytes, at);
        field(bytes.substr(at + 1, end - at - 1));
        at = end + 1;
      }
    }
    return out_.escaped(text_.escaped).value();
  }

 private:
  std::size_t closing(std::string_view bytes, std::size_t open) const {
    std::size_t depth = 0;
    for (std::size_t at = open; at < bytes.size(); ++at) {
      if (bytes[at] == '{') ++depth;
      if (bytes[at] == '}' && --depth == 0) return at;
    }
    runtime_.fail_value("a '}' for every '{' in the format", "an open '{'");
  }

  void field(std::string_view content) {
    const std::size_t end = std::min(content.find_first_of("!:"), content.size());
    Value value = look_up(content.substr(0, end));
    content.remove_prefix(end);
    if (content.starts_with('!')) {
      if (content.size() < 2) runtime_.fail_value("a conversion after '!'", "none");
      value = converted(value, content[1]);
      content.remove_prefix(2);
    }
    if (!content.empty() && content.front() != ':') runtime_.fail_value("':' after the conversion", "something else");
    const Text spec = expanded(content.substr(content.empty() ? 0 : 1));
    if (spec.bytes.empty()) return append_text(runtime_, value, out_);
    FormatSpec parsed = parse_spec(runtime_, spec.bytes);
    parsed.of_fill = provenance_of(spec);
    place(value, parsed);
  }

  /// The specification with its own fields filled in: "{:{width}}".
  Text expanded(std::string_view spec) {
    TextBuilder out(runtime_);
    out.append(spec.substr(0, std::min(spec.find('{'), spec.size())), provenance_of(text_));
    spec.remove_prefix(out.size());
    while (!spec.empty()) {
      const std::size_t end = spec.find('}');
      if (end == std::string_view::npos) runtime_.fail_value("a '}' for every '{' in the format", "an open '{'");
      const Value text = to_text(runtime_, look_up(spec.substr(1, end - 1)));
      out.append(text_of(text));
      spec.remove_prefix(end + 1);
      const std::size_t next = std::min(spec.find('{'), spec.size());
      out.append(spec.substr(0, next), provenance_of(text_));
      spec.remove_prefix(next);
    }
    return out.take();
  }

  Value look_up(std::string_view name) {
    const std::size_t end = std::min(name.find_first_of(".["), name.size());
    Value value = argument(name.substr(0, end));
    std::string_view rest = name.substr(end);
    while (!rest.empty()) {
      const bool is_item = rest.front() == '[';
      rest.remove_prefix(1);
      const std::size_t stop = std::min(rest.find_first_of(is_item ? "]" : ".["), rest.size());
      const std::string_view key = rest.substr(0, stop);
      if (key.empty()) runtime_.fail_value("a name in the format", "an empty one");
      const auto index = is_item ? digits(key) : std::nullopt;
      value = index     ? get_item(runtime_, value, Value::integer(*index))
              : is_item ? get_item(runtime_, value, plain(runtime_, key))
                        : get_attribute(runtime_, value, key);
      rest.remove_prefix(std::min(stop + (is_item ? 1 : 0), rest.size()));
    }
    return value;
  }

  std::optional<std::int64_t> digits(std::string_view text) const {
    std::int64_t value = 0;
    for (const char c : text) {
      if (c < '0' || c > '9' || value > 1'000'000'000) return std::nullopt;
      value = value * 10 + (c - '0');
    }
    return text.empty() ? std::nullopt : std::optional(value);
  }

  Value argument(std::string_view name) {
    const auto index = name.empty() ? std::optional(next_++) : digits(name);
    if (index) {
      if (static_cast<std::size_t>(*index) < arguments_.positional.size()) {
        return arguments_.positional[static_cast<std::size_t>(*index)];
      }
      runtime_.fail_value("a value for every place in the format", "too few");
    }
    for (const auto& [keyword, value] : arguments_.keywords) {
      if (keyword == name) return value;
    }
    runtime_.fail_value("the name '" + std::string(name) + "' among what is formatted", "that it is not there");
  }

  Value converted(const Value& value, char conversion) {
    if (conversion == 's') return to_text(runtime_, value);
    TextBuilder out(runtime_);
    if (conversion == 'r') {
      append_repr(runtime_, value, out);
    } else if (conversion == 'a') {
      append_ascii(runtime_, value, out);
    } else {
      runtime_.fail_value("the conversion '!s', '!r' or '!a'", std::string("'!") + conversion + "'");
    }
    return out.value();
  }

  void place(const Value& value, FormatSpec spec) {
    if (is_numeric(value)) {
      if (spec.align == 0) spec.align = '>';
      if (spec.type == 'n' && !is_integer(value)) spec.type = 'g';
      if (spec.type == 'c') return place_character(value, spec);
      const bool as_integer =
          is_integer(value) && std::string_view("eEfFgG%").find(spec.type) == std::string_view::npos;
      if (as_integer && spec.precision >= 0) {
        runtime_.fail_value("no precision in the format of an integer", std::to_string(spec.precision));
      }
      const std::string number = format_number(runtime_, value, spec);
      return append_padded({.bytes = number, .content = {}}, spec, static_cast<std::int64_t>(number.size()), out_);
    }
    const bool is_plain =
        spec.sign == 0 && !spec.alternate && spec.grouping == 0 && (spec.type == 0 || spec.type == 's');
    if (!value.is(Kind::text) || !is_plain || (spec.align == '=' && !spec.zero)) {
      runtime_.fail_value("a format that a value of type " + type_name(value) + " has", "another format");
    }
    if (spec.align == 0 || spec.align == '=') spec.align = '<';
    Value text = value;
    if (spec.precision >= 0) {
      const Text& whole = text_of(text);
      text = slice_bytes(runtime_, whole, 0, offset_of(whole.bytes, static_cast<std::size_t>(spec.precision)));
    }
    append_padded(text_of(text), spec, static_cast<std::int64_t>(count_code_points(text_of(text).bytes)), out_);
  }

  /// Nobody knows who wrote a number, so the character of one counts as content.
  void place_character(const Value& value, const FormatSpec& spec) {
    const bool is_character = is_integer(value) && value.scalar() >= 0 && value.scalar() <= 0x10FFFF;
    if (!is_character || spec.sign != 0 || spec.precision >= 0 || spec.grouping != 0) {
      runtime_.fail_value("the number of a character for the format 'c'", "something else");
    }
    TextBuilder character(runtime_);
    character.append(static_cast<char32_t>(value.scalar()), Provenance::content);
    append_padded(character.take(), spec, 1, out_);
  }

  Runtime& runtime_;
  const Arguments& arguments_;
  TextBuilder out_;
  const Text& text_;
  std::int64_t next_ = 0;
};

}  // namespace braces_detail

EIGENFORMER_INLINE Value format_braces(Runtime& runtime, const Text& text, const Arguments& arguments) {
  return braces_detail::Formatter(runtime, text, arguments).run();
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
