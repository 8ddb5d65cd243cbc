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
    const std::string spec = expanded(content.substr(content.empty() ? 0 : 1));
    if (spec.empty()) return append_text(runtime_, value, out_);
    place(value, parse_spec(runtime_, spec));
  }

  /// The specification with its own fields filled in: "{:{width}}".
  std::string expanded(std::string_view spec) {
    if (spec.find('{') == std::string_view::npos) return std::string(spec);
    std::string out;
    while (!spec.empty()) {
      const std::size_t open = std::min(spec.find('{'), spec.size());
      out += spec.substr(0, open);
      spec.remove_prefix(open);
      if (spec.empty()) break;
      const std::size_t end = spec.find('}');
      if (end == std::string_view::npos) runtime_.fail_value("a '}' for every '{' in the format", "an open '{'");
      const Value text = to_text(runtime_, look_up(spec.substr(1, end - 1)));
      out += text_of(text).bytes;
      runtime_.check_text(out.size());
      spec.remove_prefix(end + 1);
    }
    return out;
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
    if (conversion != 'r') runtime_.fail_unsupported(std::string("the conversion '!") + conversion + "'");
    TextBuilder out(runtime_);
    append_repr(runtime_, value, out);
    return out.value();
  }

  void place(const Value& value, FormatSpec spec) {
    if (is_numeric(value)) {
      if (spec.align == 0) spec.align = '>';
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
