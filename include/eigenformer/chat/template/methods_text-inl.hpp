#pragma once

#include <algorithm>
#include <limits>

#include "eigenformer/chat/template/format.hpp"
#include "eigenformer/chat/template/iterate.hpp"
#include "eigenformer/chat/template/methods.hpp"
#include "eigenformer/chat/template/text_operations.hpp"
#include "eigenformer/chat/template/unicode.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace text_methods_detail {

using Values = std::vector<Value>;

template <Side side>
Value method_strip(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Value& characters = arguments.positional[0];
  return strip(runtime, text_of(self),
               is_set(characters) ? &text_argument(runtime, characters, "what to strip") : nullptr, side);
}

template <bool from_right>
Value method_split(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Value& separator = arguments.positional[0];
  const Value& limit = arguments.positional[1];
  SplitOptions options{.from_right = from_right};
  if (is_set(separator)) options.separator = &text_argument(runtime, separator, "the separator");
  if (is_given(limit)) options.limit = integer_argument(runtime, limit, "the limit of splits");
  return runtime.list(split(runtime, text_of(self), options));
}

inline Value method_splitlines(Runtime& runtime, const Value& self, Arguments& arguments) {
  return runtime.list(split_lines(runtime, text_of(self), is_true(arguments.positional[0])));
}

template <Case to>
Value method_case(Runtime& runtime, const Value& self, Arguments&) {
  return change_case(runtime, text_of(self), to);
}

template <bool (*is)(char32_t)>
Value method_is(Runtime& runtime, const Value& self, Arguments&) {
  return Value::boolean(all_characters(runtime, text_of(self), is));
}

template <Case which>
Value method_only_case(Runtime& runtime, const Value& self, Arguments&) {
  return Value::boolean(has_only_case(runtime, text_of(self), which));
}

inline bool is_ascii(char32_t c) { return c < 0x80; }

inline Value method_isascii(Runtime& runtime, const Value& self, Arguments&) {
  return Value::boolean(text_of(self).bytes.empty() || all_characters(runtime, text_of(self), is_ascii));
}

inline Value method_isprintable(Runtime& runtime, const Value& self, Arguments&) {
  return Value::boolean(text_of(self).bytes.empty() || all_characters(runtime, text_of(self), is_printable));
}

inline Value method_isidentifier(Runtime& runtime, const Value& self, Arguments&) {
  const Text& text = text_of(self);
  return Value::boolean(all_characters(runtime, text, is_identifier_part) &&
                        is_identifier_start(decode(text.bytes, 0).value));
}

inline Value method_istitle(Runtime& runtime, const Value& self, Arguments&) {
  runtime.characters(text_of(self).bytes.size());
  bool found = false, after_cased = false;
  for (TextCursor cursor(text_of(self)); !cursor.done();) {
    const char32_t c = cursor.next();
    if ((is_upper(c) || is_title(c)) == after_cased && is_cased(c)) return Value::boolean(false);
    after_cased = is_cased(c);
    found = found || after_cased;
  }
  return Value::boolean(found);
}

/// Bytes that the arguments [start, end) of find, count, startswith and so on leave; none where start is past the end.
struct Window {
  std::size_t begin = 0, end = 0;
  std::int64_t first = 0;  // characters before it
};

EIGENFORMER_INLINE std::optional<Window> window_of(Runtime& runtime, const Value& self, const Value& start,
                                                   const Value& end) {
  const std::int64_t length = *length_of(runtime, self);
  const auto resolve = [&](const Value& bound, std::int64_t fallback) {
    if (!is_set(bound)) return fallback;
    const std::int64_t index = integer_argument(runtime, bound, "a position");
    return index >= 0 ? index : index < -length ? 0 : index + length;
  };
  const std::int64_t first = resolve(start, 0);
  const std::int64_t last = std::min(resolve(end, length), length);
  if (first > last) return std::nullopt;
  const std::string_view bytes = text_of(self).bytes;
  return Window{offset_of(bytes, static_cast<std::size_t>(first)), offset_of(bytes, static_cast<std::size_t>(last)),
                first};
}

template <bool from_right>
std::optional<std::int64_t> find(Runtime& runtime, const Value& self, const Values& arguments) {
  const Text& wanted = text_argument(runtime, arguments[0], "what to find");
  const auto window = window_of(runtime, self, arguments[1], arguments[2]);
  if (!window) return std::nullopt;
  const auto bytes = std::string_view(text_of(self).bytes).substr(window->begin, window->end - window->begin);
  const std::size_t found =
      from_right ? find_last_part(runtime, bytes, wanted.bytes) : find_part(runtime, bytes, wanted.bytes);
  if (found == std::string_view::npos) return std::nullopt;
  return window->first + static_cast<std::int64_t>(count_code_points(bytes.substr(0, found)));
}

template <bool from_right>
Value method_find(Runtime& runtime, const Value& self, Arguments& arguments) {
  return Value::integer(find<from_right>(runtime, self, arguments.positional).value_or(-1));
}

template <bool from_right>
Value method_index(Runtime& runtime, const Value& self, Arguments& arguments) {
  const auto found = find<from_right>(runtime, self, arguments.positional);
  if (!found) runtime.fail_value("a text that has the part that 'index' looks for", "that it is not there");
  return Value::integer(*found);
}

inline Value method_count(Runtime& runtime, const Value& self, Arguments& arguments) {
  const std::string& wanted = text_argument(runtime, arguments.positional[0], "what to count").bytes;
  const auto window = window_of(runtime, self, arguments.positional[1], arguments.positional[2]);
  if (!window) return Value::integer(0);
  const auto bytes = std::string_view(text_of(self).bytes).substr(window->begin, window->end - window->begin);
  if (wanted.empty()) return Value::integer(static_cast<std::int64_t>(count_code_points(bytes)) + 1);
  std::int64_t count = 0;
  for (std::size_t at = find_part(runtime, bytes, wanted); at != std::string_view::npos; ++count) {
    at = find_part(runtime, bytes, wanted, at + wanted.size());
  }
  return Value::integer(count);
}

template <bool at_end>
Value method_affix(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Value& affixes = arguments.positional[0];
  const auto window = window_of(runtime, self, arguments.positional[1], arguments.positional[2]);
  const auto matches = [&](const Value& affix) {
    const std::string& wanted = text_argument(runtime, affix, "the beginning or end of a text").bytes;
    runtime.step();
    runtime.bytes(wanted.size());
    if (!window) return false;
    const auto bytes = std::string_view(text_of(self).bytes).substr(window->begin, window->end - window->begin);
    return at_end ? bytes.ends_with(wanted) : bytes.starts_with(wanted);
  };
  if (affixes.is(Kind::tuple)) return Value::boolean(std::ranges::any_of(items_of(affixes), matches));
  return Value::boolean(matches(affixes));
}

inline Value method_replace(Runtime& runtime, const Value& self, Arguments& arguments) {
  const auto& values = arguments.positional;
  const Text& from = text_argument(runtime, values[0], "what to replace");
  const Text& to = text_argument(runtime, values[1], "the replacement");
  const std::int64_t limit =
      is_given(values[2]) ? integer_argument(runtime, values[2], "the limit of replacements") : -1;
  if (!text_of(self).escaped) return replace(runtime, text_of(self), {.from = from, .to = to, .limit = limit});
  const Value safe = escape_html(runtime, values[1]);
  return replace(runtime, text_of(self), {.from = from, .to = text_of(safe), .limit = limit});
}

inline Value method_join(Runtime& runtime, const Value& self, Arguments& arguments) {
  return join(runtime, arguments.positional[0], {.separator = text_of(self)});
}

template <bool from_right>
Value method_partition(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Text& text = text_of(self);
  const std::string& separator = text_argument(runtime, arguments.positional[0], "the separator").bytes;
  if (separator.empty()) runtime.fail_value("a separator to split at", "an empty text");
  runtime.bytes(text.bytes.size());
  const std::size_t found =
      from_right ? find_last_part(runtime, text.bytes, separator) : find_part(runtime, text.bytes, separator);
  const std::size_t size = text.bytes.size();
  const bool missing = found == std::string::npos;
  const std::size_t begin = !missing ? found : from_right ? 0 : size;
  const std::size_t end = !missing ? found + separator.size() : begin;
  return runtime.list({slice_bytes(runtime, text, 0, begin), slice_bytes(runtime, text, begin, end),
                       slice_bytes(runtime, text, end, size)},
                      Kind::tuple);
}

template <bool at_end>
Value method_remove_affix(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Text& text = text_of(self);
  const std::string& affix = text_argument(runtime, arguments.positional[0], "the beginning or end of a text").bytes;
  const std::size_t size = text.bytes.size();
  runtime.bytes(affix.size());
  if (at_end) return slice_bytes(runtime, text, 0, text.bytes.ends_with(affix) ? size - affix.size() : size);
  return slice_bytes(runtime, text, text.bytes.starts_with(affix) ? affix.size() : 0, size);
}

template <Side filled>
Value method_pad(Runtime& runtime, const Value& self, Arguments& arguments) {
  Padding padding{.width = integer_argument(runtime, arguments.positional[0], "a width"), .filled = filled};
  if (is_given(arguments.positional[1])) {
    const Text& filler = text_argument(runtime, arguments.positional[1], "the filler");
    if (filler.bytes.empty() || decode(filler.bytes, 0).size != filler.bytes.size()) {
      runtime.fail_value("one character as the filler", std::to_string(filler.bytes.size()) + " bytes");
    }
    padding.filler = decode(filler.bytes, 0).value;
    padding.of_filler = provenance_of(filler);
  }
  return pad(runtime, text_of(self), padding);
}

inline Value method_zfill(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Text& text = text_of(self);
  const std::int64_t width = integer_argument(runtime, arguments.positional[0], "a width");
  const std::size_t sign = text.bytes.starts_with('+') || text.bytes.starts_with('-') ? 1 : 0;
  const std::int64_t zeros = width - *length_of(runtime, self);
  TextBuilder out(runtime);
  out.append(text, 0, sign);
  if (zeros > 0) out.repeat("0", static_cast<std::size_t>(zeros));
  out.append(text, sign, text.bytes.size());
  return out.value();
}

inline Value method_expandtabs(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Value& given = arguments.positional[0];
  const std::int64_t width = is_given(given) ? integer_argument(runtime, given, "the width of a tab") : 8;
  TextBuilder out(runtime);
  std::int64_t column = 0;
  for (TextCursor cursor(text_of(self)); !cursor.done();) {
    const Provenance provenance = cursor.provenance();
    const char32_t c = cursor.next();
    if (c != '\t') {
      out.append(c, provenance);
      column = c == '\n' || c == '\r' ? 0 : column + 1;
    } else if (width > 0) {
      const std::int64_t spaces = width - column % width;
      runtime.check_text(out.size() + static_cast<std::size_t>(spaces));
      out.append(std::string(static_cast<std::size_t>(spaces), ' '), provenance);
      column += spaces;
    }
  }
  return out.value();
}

inline Value method_format(Runtime& runtime, const Value& self, Arguments& arguments) {
  return format_braces(runtime, text_of(self), arguments);
}

inline constexpr MethodEntry k_text_methods[] = {
    {Kind::text, "capitalize", "/", method_case<Case::capitalized>},
    {Kind::text, "casefold", "/", method_case<Case::folded>},
    {Kind::text, "center", "/ width filler?", method_pad<Side::both>},
    {Kind::text, "count", "/ sub start? end?", method_count},
    {Kind::text, "endswith", "/ suffix start? end?", method_affix<true>},
    {Kind::text, "expandtabs", "tabsize?", method_expandtabs},
    {Kind::text, "find", "/ sub start? end?", method_find<false>},
    {Kind::text, "format", "*", method_format},
    {Kind::text, "index", "/ sub start? end?", method_index<false>},
    {Kind::text, "isalnum", "/", method_is<is_alnum>},
    {Kind::text, "isalpha", "/", method_is<is_alpha>},
    {Kind::text, "isascii", "/", method_isascii},
    {Kind::text, "isdecimal", "/", method_is<is_decimal>},
    {Kind::text, "isdigit", "/", method_is<is_digit>},
    {Kind::text, "isidentifier", "/", method_isidentifier},
    {Kind::text, "islower", "/", method_only_case<Case::lower>},
    {Kind::text, "isnumeric", "/", method_is<is_numeric_character>},
    {Kind::text, "isprintable", "/", method_isprintable},
    {Kind::text, "isspace", "/", method_is<is_space>},
    {Kind::text, "istitle", "/", method_istitle},
    {Kind::text, "isupper", "/", method_only_case<Case::upper>},
    {Kind::text, "join", "/ iterable", method_join},
    {Kind::text, "ljust", "/ width filler?", method_pad<Side::right>},
    {Kind::text, "lower", "/", method_case<Case::lower>},
    {Kind::text, "lstrip", "/ chars?", method_strip<Side::left>},
    {Kind::text, "partition", "/ sep", method_partition<false>},
    {Kind::text, "removeprefix", "/ prefix", method_remove_affix<false>},
    {Kind::text, "removesuffix", "/ suffix", method_remove_affix<true>},
    {Kind::text, "replace", "/ old new count?", method_replace},
    {Kind::text, "rfind", "/ sub start? end?", method_find<true>},
    {Kind::text, "rindex", "/ sub start? end?", method_index<true>},
    {Kind::text, "rjust", "/ width filler?", method_pad<Side::left>},
    {Kind::text, "rpartition", "/ sep", method_partition<true>},
    {Kind::text, "rsplit", "sep? maxsplit?", method_split<true>},
    {Kind::text, "rstrip", "/ chars?", method_strip<Side::right>},
    {Kind::text, "split", "sep? maxsplit?", method_split<false>},
    {Kind::text, "splitlines", "keepends?", method_splitlines},
    {Kind::text, "startswith", "/ prefix start? end?", method_affix<false>},
    {Kind::text, "strip", "/ chars?", method_strip<Side::both>},
    {Kind::text, "swapcase", "/", method_case<Case::swapped>},
    {Kind::text, "title", "/", method_case<Case::title>},
    {Kind::text, "upper", "/", method_case<Case::upper>},
    {Kind::text, "zfill", "/ width", method_zfill},
};

}  // namespace text_methods_detail

EIGENFORMER_INLINE std::span<const MethodEntry> text_methods() { return text_methods_detail::k_text_methods; }

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
