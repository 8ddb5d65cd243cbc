#pragma once

#include <algorithm>
#include <limits>

#include "eigenformer/chat/template/iterate.hpp"
#include "eigenformer/chat/template/print.hpp"
#include "eigenformer/chat/template/text_operations.hpp"
#include "eigenformer/chat/template/unicode.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace text_detail {

inline std::size_t limit_of(std::int64_t limit) {
  return limit < 0 ? std::numeric_limits<std::size_t>::max() : static_cast<std::size_t>(limit);
}

/// Where the code point that ends at `end` begins.
EIGENFORMER_INLINE std::size_t previous(std::string_view bytes, std::size_t end) {
  for (std::size_t size = std::min<std::size_t>(4, end); size > 1; --size) {
    if (decode(bytes, end - size).size == size) return end - size;
  }
  return end - 1;
}

EIGENFORMER_INLINE std::u32string code_points(std::string_view bytes) {
  std::u32string out;
  for (std::size_t at = 0; at < bytes.size();) {
    const CodePoint point = decode(bytes, at);
    out.push_back(point.value);
    at += point.size;
  }
  return out;
}

/// Parts of a text, cut out one after another.
class Parts {
 public:
  Parts(Runtime& runtime, const Text& text) : runtime_(runtime), text_(text) {}
  void add(std::size_t begin, std::size_t end) {
    runtime_.check_length(parts_.size() + 1 > runtime_.limits().list_length ? parts_.size() + 1 : 1);
    parts_.push_back(slice_bytes(runtime_, text_, begin, end));
  }
  std::size_t count() const { return parts_.size(); }
  std::vector<Value> take(bool reversed = false) {
    if (reversed) std::reverse(parts_.begin(), parts_.end());
    return std::move(parts_);
  }

 private:
  Runtime& runtime_;
  const Text& text_;
  std::vector<Value> parts_;
};

EIGENFORMER_INLINE std::vector<Value> split_at(Runtime& runtime, const Text& text, const SplitOptions& options) {
  const std::string& separator = options.separator->bytes;
  if (separator.empty()) runtime.fail_value("a separator to split at", "an empty text");
  const std::size_t limit = limit_of(options.limit);
  Parts parts(runtime, text);
  if (options.from_right) {
    std::size_t end = text.bytes.size();
    while (parts.count() < limit && end >= separator.size()) {
      const std::size_t found = find_last_part(runtime, text.bytes, separator, end);
      if (found == std::string::npos) break;
      parts.add(found + separator.size(), end);
      end = found;
    }
    parts.add(0, end);
    return parts.take(true);
  }
  std::size_t begin = 0;
  while (parts.count() < limit) {
    const std::size_t found = find_part(runtime, text.bytes, separator, begin);
    if (found == std::string::npos) break;
    parts.add(begin, found);
    begin = found + separator.size();
  }
  parts.add(begin, text.bytes.size());
  return parts.take();
}

EIGENFORMER_INLINE std::vector<Value> split_words(Runtime& runtime, const Text& text, std::int64_t limit) {
  const std::string_view bytes = text.bytes;
  const auto skip = [&](std::size_t at, bool spaces) {
    while (at < bytes.size() && is_space(decode(bytes, at).value) == spaces) at += decode(bytes, at).size;
    return at;
  };
  Parts parts(runtime, text);
  std::size_t begin = skip(0, true);
  while (begin < bytes.size() && parts.count() < limit_of(limit)) {
    const std::size_t end = skip(begin, false);
    parts.add(begin, end);
    begin = skip(end, true);
  }
  if (begin < bytes.size()) parts.add(begin, bytes.size());
  return parts.take();
}

EIGENFORMER_INLINE std::vector<Value> split_words_from_right(Runtime& runtime, const Text& text, std::int64_t limit) {
  const std::string_view bytes = text.bytes;
  const auto skip = [&](std::size_t end, bool spaces) {
    while (end > 0 && is_space(decode(bytes, previous(bytes, end)).value) == spaces) end = previous(bytes, end);
    return end;
  };
  Parts parts(runtime, text);
  std::size_t end = skip(bytes.size(), true);
  while (end > 0 && parts.count() < limit_of(limit)) {
    const std::size_t begin = skip(end, false);
    parts.add(begin, end);
    end = skip(begin, true);
  }
  if (end > 0) parts.add(0, end);
  return parts.take(true);
}

inline bool is_line_break(char32_t c) {
  return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/// Whether `bytes`, which are at least as many, begin with `wanted`.
inline bool matches(Runtime& runtime, std::string_view bytes, std::string_view wanted) {
  const auto equal_until = std::mismatch(wanted.begin(), wanted.end(), bytes.begin()).first;
  runtime.bytes(static_cast<std::size_t>(equal_until - wanted.begin()) + 1);
  return equal_until == wanted.end();
}

/// An empty text to replace stands before every character and at the end.
EIGENFORMER_INLINE Value insert_everywhere(Runtime& runtime, const Text& text, const Replacement& replacement) {
  TextBuilder out(runtime);
  std::size_t left = limit_of(replacement.limit);
  for (std::size_t at = 0; at < text.bytes.size();) {
    if (left > 0) out.append(replacement.to);
    left -= left > 0 ? 1 : 0;
    const std::size_t end = at + decode(text.bytes, at).size;
    out.append(text, at, end);
    at = end;
  }
  if (left > 0) out.append(replacement.to);
  return out.escaped(text.escaped).value();
}

}  // namespace text_detail

EIGENFORMER_INLINE std::size_t find_part(Runtime& runtime, std::string_view bytes, std::string_view wanted,
                                         std::size_t begin) {
  if (wanted.empty()) return begin <= bytes.size() ? begin : std::string_view::npos;
  for (; begin + wanted.size() <= bytes.size(); ++begin) {
    begin = bytes.find(wanted.front(), begin);
    if (begin == std::string_view::npos || begin + wanted.size() > bytes.size()) break;
    if (text_detail::matches(runtime, bytes.substr(begin), wanted)) return begin;
  }
  return std::string_view::npos;
}

EIGENFORMER_INLINE std::size_t find_last_part(Runtime& runtime, std::string_view bytes, std::string_view wanted,
                                              std::size_t end) {
  end = std::min(end, bytes.size());
  if (wanted.empty()) return end;
  while (end >= wanted.size()) {
    const std::size_t begin = bytes.rfind(wanted.front(), end - wanted.size());
    if (begin == std::string_view::npos) break;
    if (text_detail::matches(runtime, bytes.substr(begin), wanted)) return begin;
    end = begin + wanted.size() - 1;
  }
  return std::string_view::npos;
}

EIGENFORMER_INLINE Value strip(Runtime& runtime, const Text& text, const Text* characters, Side side) {
  const std::string_view bytes = text.bytes;
  runtime.bytes(bytes.size() + (characters != nullptr ? characters->bytes.size() : 0));
  const std::u32string set = characters != nullptr ? text_detail::code_points(characters->bytes) : std::u32string();
  const auto is_stripped = [&](std::size_t at) {
    const char32_t c = decode(bytes, at).value;
    runtime.bytes(set.size());
    return characters != nullptr ? set.find(c) != std::u32string::npos : is_space(c);
  };
  std::size_t begin = 0, end = bytes.size();
  if (side != Side::right) {
    while (begin < end && is_stripped(begin)) begin += decode(bytes, begin).size;
  }
  if (side != Side::left) {
    while (end > begin && is_stripped(text_detail::previous(bytes, end))) end = text_detail::previous(bytes, end);
  }
  return slice_bytes(runtime, text, begin, end);
}

EIGENFORMER_INLINE std::vector<Value> split(Runtime& runtime, const Text& text, const SplitOptions& options) {
  runtime.bytes(text.bytes.size());
  if (options.separator != nullptr) return text_detail::split_at(runtime, text, options);
  return options.from_right ? text_detail::split_words_from_right(runtime, text, options.limit)
                            : text_detail::split_words(runtime, text, options.limit);
}

EIGENFORMER_INLINE std::vector<Value> split_lines(Runtime& runtime, const Text& text, bool keep_ends) {
  text_detail::Parts parts(runtime, text);
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.bytes.size();) {
    const CodePoint point = decode(text.bytes, at);
    const std::size_t end = at;
    at += point.size;
    if (!text_detail::is_line_break(point.value)) continue;
    if (point.value == '\r' && at < text.bytes.size() && text.bytes[at] == '\n') ++at;
    parts.add(begin, keep_ends ? at : end);
    begin = at;
  }
  if (begin < text.bytes.size()) parts.add(begin, text.bytes.size());
  return parts.take();
}

EIGENFORMER_INLINE Value replace(Runtime& runtime, const Text& text, const Replacement& replacement) {
  runtime.bytes(text.bytes.size());
  if (replacement.from.bytes.empty()) return text_detail::insert_everywhere(runtime, text, replacement);
  TextBuilder out(runtime);
  std::size_t begin = 0;
  for (std::size_t left = text_detail::limit_of(replacement.limit); left > 0; --left) {
    const std::size_t found = find_part(runtime, text.bytes, replacement.from.bytes, begin);
    if (found == std::string::npos) break;
    runtime.step();
    out.append(text, begin, found);
    out.append(replacement.to);
    begin = found + replacement.from.bytes.size();
  }
  out.append(text, begin, text.bytes.size());
  return out.escaped(text.escaped).value();
}

EIGENFORMER_INLINE Value pad(Runtime& runtime, const Text& text, const Padding& padding) {
  runtime.bytes(text.bytes.size());
  const auto length = static_cast<std::int64_t>(count_code_points(text.bytes));
  const std::int64_t missing = padding.width - length;
  if (missing <= 0) return slice_bytes(runtime, text, 0, text.bytes.size());
  // str.center puts the odd filler to the left where the width is odd, else to the right
  std::int64_t left = padding.filled == Side::left ? missing : 0;
  if (padding.filled == Side::both) left = missing / 2 + (missing & padding.width & 1);
  std::string filler;
  encode(padding.filler, filler);
  TextBuilder out(runtime);
  out.repeat(filler, static_cast<std::size_t>(left), padding.of_filler);
  out.append(text);
  out.repeat(filler, static_cast<std::size_t>(missing - left), padding.of_filler);
  return out.escaped(text.escaped).value();
}

EIGENFORMER_INLINE Value repeat(Runtime& runtime, const Text& text, std::int64_t count) {
  const std::size_t times = count > 0 && !text.bytes.empty() ? static_cast<std::size_t>(count) : 0;
  const std::size_t limit = runtime.limits().output_bytes;
  if (times > 0 && times > limit / text.bytes.size()) runtime.check_text(limit + 1);
  TextBuilder out(runtime);
  for (std::size_t i = 0; i < times; ++i) out.append(text);
  return out.escaped(text.escaped).value();
}

EIGENFORMER_INLINE Value join(Runtime& runtime, const Value& items, const JoinOptions& options) {
  TextBuilder out(runtime);
  const bool escaped = options.separator.escaped && !options.convert;
  bool first = true;
  Walk walk(runtime, items);
  while (const Value* item = walk.next()) {
    if (!first) out.append(options.separator);
    first = false;
    if (!item->is(Kind::text) && !options.convert) {
      runtime.fail_type("texts to join", "a value of type " + type_name(*item));
    }
    append_text(runtime, escaped ? escape_html(runtime, *item) : *item, out);
  }
  return out.escaped(escaped).value();
}

EIGENFORMER_INLINE Value escape_html(Runtime& runtime, const Value& value) {
  Value converted = to_text(runtime, value);
  const Text& text = text_of(converted);
  if (text.escaped) return converted;
  TextBuilder out(runtime);
  out.expect(text);
  for (TextCursor cursor(text); !cursor.done();) {
    const Provenance provenance = cursor.provenance();
    const char32_t c = cursor.next();
    switch (c) {
      case '&': out.append("&amp;", provenance); break;
      case '<': out.append("&lt;", provenance); break;
      case '>': out.append("&gt;", provenance); break;
      case '\'': out.append("&#39;", provenance); break;
      case '"': out.append("&#34;", provenance); break;
      default: out.append(c, provenance);
    }
  }
  return out.escaped(true).value();
}

EIGENFORMER_INLINE bool all_characters(Runtime& runtime, const Text& text, bool (*is)(char32_t)) {
  runtime.characters(text.bytes.size());
  for (TextCursor cursor(text); !cursor.done();) {
    if (!is(cursor.next())) return false;
  }
  return !text.bytes.empty();
}

EIGENFORMER_INLINE bool has_only_case(Runtime& runtime, const Text& text, Case which) {
  runtime.characters(text.bytes.size());
  bool found = false;
  for (TextCursor cursor(text); !cursor.done();) {
    const char32_t c = cursor.next();
    const bool wanted = which == Case::lower ? is_lower(c) : is_upper(c);
    if (!wanted && is_cased(c)) return false;
    found = found || wanted;
  }
  return found;
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
