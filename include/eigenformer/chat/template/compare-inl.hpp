#pragma once

#include <algorithm>
#include <limits>

#include "eigenformer/chat/template/compare.hpp"
#include "eigenformer/chat/template/iterate.hpp"
#include "eigenformer/chat/template/text_operations.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace compare_detail {

/// 2^63: from here on a number is larger than every integer.
inline constexpr double k_integer_end = 9223372036854775808.0;

inline std::partial_ordering compare_mixed(std::int64_t integer, double number) {
  if (number != number) return std::partial_ordering::unordered;
  if (number >= k_integer_end) return std::partial_ordering::less;
  if (number < -k_integer_end) return std::partial_ordering::greater;
  const auto whole = static_cast<std::int64_t>(number);
  if (integer != whole) return integer <=> whole;
  return 0.0 <=> (number - static_cast<double>(whole));
}

EIGENFORMER_INLINE bool equal_items(Runtime& runtime, const std::vector<Value>& a, const std::vector<Value>& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [&](const Value& x, const Value& y) { return equal(runtime, x, y); });
}

EIGENFORMER_INLINE bool equal_dicts(Runtime& runtime, const DictObject& a, const DictObject& b) {
  if (a.entries.size() != b.entries.size()) return false;
  return std::ranges::all_of(a.entries, [&](const auto& entry) {
    if (!runtime.is_key(entry.first, b.entries.size())) return false;
    const auto found = find_key(b, entry.first);
    return found && equal(runtime, entry.second, b.entries[*found].second);
  });
}

EIGENFORMER_INLINE bool equal_ranges(const RangeObject& a, const RangeObject& b) {
  if (a.length != b.length || a.length == 0) return a.length == b.length;
  return a.start == b.start && (a.length == 1 || a.step == b.step);
}

}  // namespace compare_detail

EIGENFORMER_INLINE std::partial_ordering compare_numbers(const Value& left, const Value& right) {
  if (is_integer(left)) {
    if (is_integer(right)) return left.scalar() <=> right.scalar();
    return compare_detail::compare_mixed(left.scalar(), right.real());
  }
  if (right.is(Kind::number)) return left.real() <=> right.real();
  return 0 <=> compare_detail::compare_mixed(right.scalar(), left.real());
}

EIGENFORMER_INLINE bool equal(Runtime& runtime, const Value& left, const Value& right) {
  runtime.step();
  if (is_numeric(left) && is_numeric(right)) return compare_numbers(left, right) == 0;
  if (left.kind() != right.kind()) return false;
  if (left.object_pointer() == right.object_pointer()) return true;
  switch (left.kind()) {
    case Kind::undefined: return true;
    case Kind::text: {
      const auto& a = text_of(left).bytes;
      const auto& b = text_of(right).bytes;
      if (a.size() != b.size()) return false;
      runtime.bytes(a.size());
      return a == b;
    }
    case Kind::list:
    case Kind::tuple: return compare_detail::equal_items(runtime, items_of(left), items_of(right));
    case Kind::object: return compare_detail::equal_dicts(runtime, dict_of(left), dict_of(right));
    case Kind::range: return compare_detail::equal_ranges(left.as<RangeObject>(), right.as<RangeObject>());
    case Kind::view: {
      const auto& a = left.as<ViewObject>();
      const auto& b = right.as<ViewObject>();
      if (a.view != b.view || a.view == ViewKind::values) return false;
      const auto& da = dict_of(a.dict);
      const auto& db = dict_of(b.dict);
      if (a.view == ViewKind::items) return compare_detail::equal_dicts(runtime, da, db);
      return da.entries.size() == db.entries.size() && std::ranges::all_of(da.entries, [&](const auto& entry) {
               return runtime.is_key(entry.first, db.entries.size()) && find_key(db, entry.first).has_value();
             });
    }
    default: return false;
  }
}

EIGENFORMER_INLINE bool less(Runtime& runtime, const Value& left, const Value& right, std::string_view symbol) {
  runtime.step();
  if (is_numeric(left) && is_numeric(right)) return compare_numbers(left, right) < 0;
  if (left.is(Kind::undefined)) runtime.fail_undefined(left);
  if (right.is(Kind::undefined)) runtime.fail_undefined(right);
  if (left.is(Kind::text) && right.is(Kind::text)) {
    const auto& a = text_of(left).bytes;
    const auto& b = text_of(right).bytes;
    runtime.bytes(std::min(a.size(), b.size()));
    return a < b;  // the order of UTF-8 bytes is that of code points
  }
  if (is_sequence(left) && left.kind() == right.kind()) {
    const auto& a = items_of(left);
    const auto& b = items_of(right);
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      if (!equal(runtime, a[i], b[i])) return less(runtime, a[i], b[i], symbol);
    }
    return a.size() < b.size();
  }
  runtime.fail_type("values that '" + std::string(symbol) + "' can compare",
                    type_name(left) + " and " + type_name(right));
}

EIGENFORMER_INLINE bool contains(Runtime& runtime, const Value& container, const Value& item) {
  if (container.is(Kind::text)) {
    if (!item.is(Kind::text)) {
      runtime.fail_type("a text on the left of 'in', as on its right", "a value of type " + type_name(item));
    }
    const auto& bytes = text_of(container).bytes;
    runtime.bytes(bytes.size());
    return find_part(runtime, bytes, text_of(item).bytes) != std::string::npos;
  }
  if (container.is(Kind::object)) {
    if (!runtime.is_key(item, dict_of(container).entries.size()))
      runtime.fail_type("a text, a number or a tuple as a key", "a value of type " + type_name(item));
    return find_key(dict_of(container), item).has_value();
  }
  Walk walk(runtime, container);
  while (const Value* next = walk.next()) {
    if (equal(runtime, *next, item)) return true;
  }
  return false;
}

EIGENFORMER_INLINE bool same(const Value& left, const Value& right) {
  if (left.kind() != right.kind()) return false;
  if (left.object_pointer() || right.object_pointer()) return left.object_pointer() == right.object_pointer();
  if (left.is(Kind::number)) return false;
  return left.scalar() == right.scalar();
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
