#pragma once

#include <algorithm>
#include <cmath>

#include "eigenformer/chat/template/compare.hpp"
#include "eigenformer/chat/template/print.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace json_detail {

inline void append_unit(std::string& out, char32_t unit) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back("0123456789abcdef"[(unit >> shift) & 15]);
}

EIGENFORMER_INLINE std::string escaped_character(char32_t c, bool ensure_ascii) {
  switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    case '\f': return "\\f";
    case '\b': return "\\b";
    default: break;
  }
  std::string out;
  if (c >= 0x20 && (c < 0x7F || !ensure_ascii)) {
    encode(c, out);
  } else if (c < 0x10000) {
    append_unit(out, c);
  } else {
    append_unit(out, 0xD800 + ((c - 0x10000) >> 10));
    append_unit(out, 0xDC00 + ((c - 0x10000) & 0x3FF));
  }
  return out;
}

EIGENFORMER_INLINE void append_quoted(const Text& text, const JsonLayout& layout, Provenance provenance,
                                      TextBuilder& out) {
  out.expect(text);
  out.append("\"", provenance);
  for (TextCursor cursor(text); !cursor.done();) {
    out.append(escaped_character(cursor.next(), layout.ensure_ascii), provenance);
  }
  out.append("\"", provenance);
}

inline std::string json_float(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  return python_float(value);
}

/// The text of a key that is no text: json.dumps writes 1 as "1" and true as "true".
EIGENFORMER_INLINE std::string key_text(Runtime& runtime, const Value& key) {
  switch (key.kind()) {
    case Kind::none: return "null";
    case Kind::boolean: return key.scalar() != 0 ? "true" : "false";
    case Kind::integer: return std::to_string(key.scalar());
    case Kind::number: return json_float(key.real());
    default: runtime.fail_type("keys that JSON can have", "a key of type " + type_name(key));
  }
}

/// Writes the brackets of a list or object and what separates its items.
class Container {
 public:
  Container(const JsonLayout& layout, Provenance provenance, std::size_t level, TextBuilder& out)
      : layout_(layout), provenance_(provenance), level_(level), out_(out) {}

  void open(char bracket) { out_.append(std::string_view(&bracket, 1), provenance_); }
  void before_item() {
    if (!first_) out_.append(layout_.item_separator, provenance_);
    first_ = false;
    break_line(level_ + 1);
  }
  void close(char bracket) {
    if (!first_) break_line(level_);
    out_.append(std::string_view(&bracket, 1), provenance_);
  }

 private:
  void break_line(std::size_t level) {
    if (!layout_.indent) return;
    out_.append("\n", provenance_);
    for (; level > 0; --level) out_.append(*layout_.indent, provenance_);
  }

  const JsonLayout& layout_;
  Provenance provenance_;
  std::size_t level_;
  TextBuilder& out_;
  bool first_ = true;
};

EIGENFORMER_INLINE void append_list(Runtime& runtime, const ListObject& list, const JsonLayout& layout,
                                    TextBuilder& out, std::size_t level) {
  Container container(layout, list.content ? Provenance::content : Provenance::trusted, level, out);
  container.open('[');
  for (const Value& item : list.items) {
    container.before_item();
    append_json(runtime, item, layout, out, level + 1);
  }
  container.close(']');
}

EIGENFORMER_INLINE std::vector<const std::pair<Value, Value>*> ordered_entries(Runtime& runtime, const DictObject& dict,
                                                                               bool sort_keys) {
  std::vector<const std::pair<Value, Value>*> entries;
  entries.reserve(dict.entries.size());
  for (const auto& entry : dict.entries) entries.push_back(&entry);
  if (sort_keys) {
    std::stable_sort(entries.begin(), entries.end(),
                     [&](const auto* a, const auto* b) { return less(runtime, a->first, b->first); });
  }
  return entries;
}

EIGENFORMER_INLINE void append_dict(Runtime& runtime, const DictObject& dict, const JsonLayout& layout,
                                    TextBuilder& out, std::size_t level) {
  const auto provenance = dict.content ? Provenance::content : Provenance::trusted;
  Container container(layout, provenance, level, out);
  container.open('{');
  for (const auto* entry : ordered_entries(runtime, dict, layout.sort_keys)) {
    const auto& [key, value] = *entry;
    container.before_item();
    if (key.is(Kind::text)) {
      const auto of_key = provenance_of(text_of(key));
      append_quoted(text_of(key), layout, dict.content ? provenance : of_key, out);
    } else {
      out.append("\"" + key_text(runtime, key) + "\"", provenance);
    }
    out.append(layout.key_separator, provenance);
    append_json(runtime, value, layout, out, level + 1);
  }
  container.close('}');
}

}  // namespace json_detail

EIGENFORMER_INLINE void append_json(Runtime& runtime, const Value& value, const JsonLayout& layout, TextBuilder& out,
                                    std::size_t level) {
  runtime.step();
  switch (value.kind()) {
    case Kind::none: return out.append("null");
    case Kind::boolean: return out.append(value.scalar() != 0 ? "true" : "false");
    case Kind::integer: return out.append(std::to_string(value.scalar()));
    case Kind::number: return out.append(json_detail::json_float(value.real()));
    case Kind::text: return json_detail::append_quoted(text_of(value), layout, provenance_of(text_of(value)), out);
    case Kind::list:
    case Kind::tuple: return json_detail::append_list(runtime, value.as<ListObject>(), layout, out, level);
    case Kind::object: return json_detail::append_dict(runtime, dict_of(value), layout, out, level);
    default: runtime.fail_type("a value that JSON can have", "a value of type " + type_name(value));
  }
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
