#pragma once

#include <algorithm>

#include "eigenformer/chat/template/filters.hpp"
#include "eigenformer/chat/template/format.hpp"
#include "eigenformer/chat/template/iterate.hpp"
#include "eigenformer/chat/template/methods.hpp"
#include "eigenformer/chat/template/print.hpp"
#include "eigenformer/chat/template/text_operations.hpp"
#include "eigenformer/chat/template/unicode.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace text_filters_detail {

/// The value as text with its mark of being escaped taken off: Python's str().
EIGENFORMER_INLINE Text as_plain(Runtime& runtime, const Value& value) {
  Text text = text_of(to_text(runtime, value));
  runtime.bytes(text.bytes.size());
  text.escaped = false;
  return text;
}

template <Case to>
Value filter_case(Runtime& runtime, const Value& value, Arguments&) {
  const Value text = to_text(runtime, value);
  return change_case(runtime, text_of(text), to);
}

/// Upper case after white space and after - ( { [ <, lower case elsewhere.
EIGENFORMER_INLINE Value filter_title(Runtime& runtime, const Value& value, Arguments&) {
  const Value converted = to_text(runtime, value);
  const Text& text = text_of(converted);
  runtime.bytes(2 * text.bytes.size());
  const auto separates = [](char32_t c) {
    return is_space(c) || c == '-' || c == '(' || c == '{' || c == '[' || c == '<';
  };
  TextBuilder out(runtime);
  for (std::size_t at = 0; at < text.bytes.size();) {
    const std::size_t first = at + decode(text.bytes, at).size;
    const bool separator = separates(decode(text.bytes, at).value);
    std::size_t end = first;
    while (end < text.bytes.size() && separates(decode(text.bytes, end).value) == separator) {
      end += decode(text.bytes, end).size;
    }
    append_case(text, {at, first}, Case::upper, out);
    append_case(text, {first, end}, Case::lower, out);
    at = end;
  }
  return out.value();
}

inline Value filter_trim(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Value text = to_text(runtime, value);
  const Value& characters = arguments.positional[0];
  return strip(runtime, text_of(text),
               is_set(characters) ? &text_argument(runtime, characters, "what to trim") : nullptr, Side::both);
}

inline Value filter_replace(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Value& limit = arguments.positional[2];
  const Text text = as_plain(runtime, value);
  const Text from = as_plain(runtime, arguments.positional[0]);
  const Text to = as_plain(runtime, arguments.positional[1]);
  return replace(runtime, text,
                 {.from = from,
                  .to = to,
                  .limit = is_set(limit) ? integer_argument(runtime, limit, "the limit of replacements") : -1});
}

inline Value filter_string(Runtime& runtime, const Value& value, Arguments&) { return to_text(runtime, value); }

inline Value filter_center(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Value text = to_text(runtime, value);
  const Value& width = arguments.positional[0];
  return pad(runtime, text_of(text), {.width = is_given(width) ? integer_argument(runtime, width, "a width") : 80});
}

EIGENFORMER_INLINE Value filter_indent(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Value& width = arguments.positional[0];
  const bool first = is_given(arguments.positional[1]) && is_true(arguments.positional[1]);
  const bool blank = is_given(arguments.positional[2]) && is_true(arguments.positional[2]);
  text_argument(runtime, value, "what to indent");
  Value spaces;
  if (is_given(width) && width.is(Kind::text)) {
    spaces = width;
  } else {
    const Value one_space = plain(runtime, " ");
    spaces = repeat(runtime, text_of(one_space), is_given(width) ? integer_argument(runtime, width, "a width") : 4);
  }
  const Value newline = plain(runtime, "\n");
  TextBuilder terminated(runtime);
  terminated.append(text_of(value));
  terminated.append("\n");
  const Text text = terminated.take();
  TextBuilder out(runtime);
  bool is_first = true;
  for (const Value& line : split_lines(runtime, text, false)) {
    if (!is_first) out.append("\n");
    const bool indented = is_first ? first : blank || !text_of(line).bytes.empty();
    if (indented) out.append(text_of(spaces));
    is_first = false;
    out.append(text_of(line));
  }
  return out.escaped(text_of(value).escaped).value();
}

EIGENFORMER_INLINE Value filter_truncate(Runtime& runtime, const Value& value, Arguments& arguments) {
  const auto& given = arguments.positional;
  const std::int64_t length = is_given(given[0]) ? integer_argument(runtime, given[0], "a length") : 255;
  const Value end = is_given(given[2]) ? given[2] : plain(runtime, "...");
  const std::int64_t leeway = is_set(given[3]) ? integer_argument(runtime, given[3], "the leeway") : 5;
  text_argument(runtime, end, "the end of a truncated text");
  const std::int64_t end_length = *length_of(runtime, end);
  if (length < end_length || leeway < 0) runtime.fail_value("a length that the end fits into", std::to_string(length));
  const auto whole = length_of(runtime, value);
  if (whole && (*whole <= length || *whole - length <= leeway)) return value;
  const Text& text = text_argument(runtime, value, "what to truncate");
  std::size_t cut = offset_of(text.bytes, static_cast<std::size_t>(length - end_length));
  if (!(is_given(given[1]) && is_true(given[1]))) {
    const std::size_t space = cut == 0 ? std::string::npos : text.bytes.rfind(' ', cut - 1);
    if (space != std::string::npos) cut = space;
  }
  TextBuilder out(runtime);
  out.append(text, 0, cut);
  out.append(text_of(end));
  return out.value();
}

inline Value filter_wordcount(Runtime& runtime, const Value& value, Arguments&) {
  const Value text = to_text(runtime, value);
  runtime.bytes(text_of(text).bytes.size());
  std::int64_t count = 0;
  bool inside = false;
  for (TextCursor cursor(text_of(text)); !cursor.done();) {
    const char32_t c = cursor.next();
    const bool is_word = is_alnum(c) || c == '_';
    count += is_word && !inside ? 1 : 0;
    inside = is_word;
  }
  return Value::integer(count);
}

inline Value filter_format(Runtime& runtime, const Value& value, Arguments& arguments) {
  if (!arguments.positional.empty() && !arguments.keywords.empty()) {
    runtime.fail_type("arguments of 'format' that all have names or none", "some of both");
  }
  const Value text = to_text(runtime, value);
  if (arguments.keywords.empty()) {
    return format_percent(runtime, text_of(text), runtime.list(std::move(arguments.positional), Kind::tuple));
  }
  std::vector<std::pair<Value, Value>> entries;
  entries.reserve(arguments.keywords.size());
  for (auto& [name, argument] : arguments.keywords) entries.emplace_back(plain(runtime, name), std::move(argument));
  return format_percent(runtime, text_of(text), runtime.dict(std::move(entries)));
}

inline Value filter_escape(Runtime& runtime, const Value& value, Arguments&) { return escape_html(runtime, value); }

inline Value filter_forceescape(Runtime& runtime, const Value& value, Arguments&) {
  return escape_html(runtime, runtime.text(as_plain(runtime, value)));
}

inline Value filter_safe(Runtime& runtime, const Value& value, Arguments&) {
  Text text = as_plain(runtime, value);
  text.escaped = true;
  return runtime.text(std::move(text));
}

/// Percent codes for all but letters, digits and _.-~; in a query also for '/', and '+' for a space.
EIGENFORMER_INLINE void append_quoted(Runtime& runtime, const Value& value, bool in_query, TextBuilder& out) {
  const Value converted = to_text(runtime, value);
  const Text& text = text_of(converted);
  const std::string_view kept = in_query ? "_.-~" : "_.-~/";
  runtime.characters(text.bytes.size());
  TextCursor cursor(text);
  for (std::size_t at = 0; at < text.bytes.size(); ++at) {
    const char c = text.bytes[at];
    if (at == cursor.position() + decode(text.bytes, cursor.position()).size) cursor.next();
    const auto provenance = cursor.provenance();
    const bool is_kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                         kept.find(c) != std::string_view::npos;
    const auto byte = static_cast<unsigned char>(c);
    const char code[] = {'%', "0123456789ABCDEF"[byte >> 4], "0123456789ABCDEF"[byte & 15]};
    if (is_kept)
      out.append(std::string_view(&c, 1), provenance);
    else if (in_query && c == ' ')
      out.append("+", provenance);
    else
      out.append(std::string_view(code, 3), provenance);
  }
}

inline Value filter_urlencode(Runtime& runtime, const Value& value, Arguments&) {
  TextBuilder out(runtime);
  if (value.is(Kind::text) || !is_iterable(value)) {
    append_quoted(runtime, value, false, out);
    return out.value();
  }
  Arguments none;
  const Value pairs =
      value.is(Kind::object) ? call_method(runtime, *find_method(Kind::object, "items"), value, none) : value;
  bool first = true;
  for (const Value& pair : items_left(runtime, pairs)) {
    const auto items = items_left(runtime, pair);
    if (items.size() != 2) runtime.fail_value("pairs of a key and a value", std::to_string(items.size()) + " items");
    if (!first) out.append("&");
    first = false;
    append_quoted(runtime, items[0], true, out);
    out.append("=");
    append_quoted(runtime, items[1], true, out);
  }
  return out.value();
}

inline constexpr FilterEntry k_text_filters[] = {
    {"capitalize", "", filter_case<Case::capitalized>},
    {"center", "width?", filter_center},
    {"e", "", filter_escape},
    {"escape", "", filter_escape},
    {"forceescape", "", filter_forceescape},
    {"format", "*", filter_format},
    {"indent", "width? first? blank?", filter_indent},
    {"lower", "", filter_case<Case::lower>},
    {"replace", "old new count?", filter_replace},
    {"safe", "", filter_safe},
    {"string", "", filter_string},
    {"title", "", filter_title},
    {"trim", "chars?", filter_trim},
    {"truncate", "length? killwords? end? leeway?", filter_truncate},
    {"upper", "", filter_case<Case::upper>},
    {"urlencode", "", filter_urlencode},
    {"wordcount", "", filter_wordcount},
};

}  // namespace text_filters_detail

EIGENFORMER_INLINE std::span<const FilterEntry> text_filters() { return text_filters_detail::k_text_filters; }

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
