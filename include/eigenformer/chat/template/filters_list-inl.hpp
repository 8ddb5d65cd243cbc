#pragma once

#include <algorithm>

#include "eigenformer/chat/template/access.hpp"
#include "eigenformer/chat/template/compare.hpp"
#include "eigenformer/chat/template/filters.hpp"
#include "eigenformer/chat/template/iterate.hpp"
#include "eigenformer/chat/template/operators.hpp"
#include "eigenformer/chat/template/paths.hpp"
#include "eigenformer/chat/template/print.hpp"
#include "eigenformer/chat/template/text_operations.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace list_filters_detail {

inline bool flag(const Value& value) { return is_given(value) && is_true(value); }
/// The argument `reverse`, which Python wants an integer for.
inline bool is_reverse(Runtime& runtime, const Value& value) {
  return is_given(value) && integer_argument(runtime, value, "the argument 'reverse'") != 0;
}

inline Value filter_length(Runtime& runtime, const Value& value, Arguments&) {
  if (value.is(Kind::loop)) return get_attribute(runtime, value, "length");
  const auto length = length_of(runtime, value);
  if (!length) runtime.fail_type("a value that has a length", "a value of type " + type_name(value));
  return Value::integer(*length);
}

inline Value filter_first(Runtime& runtime, const Value& value, Arguments&) {
  Walk walk(runtime, value);
  const Value* item = walk.next();
  return item != nullptr ? *item : runtime.undefined("No first item, sequence was empty.");
}

inline Value filter_last(Runtime& runtime, const Value& value, Arguments&) {
  if (value.is(Kind::iterator))
    runtime.fail_type("a list to take the last item of", "an iterator, whose end is not known");
  if (value.is(Kind::text) && is_true(value)) return get_item(runtime, value, Value::integer(-1));
  const auto items = items_left(runtime, value);
  return !items.empty() ? items.back() : runtime.undefined("No last item, sequence was empty.");
}

inline Value filter_list(Runtime& runtime, const Value& value, Arguments&) {
  return runtime.list(items_left(runtime, value));
}

inline Value filter_reverse(Runtime& runtime, const Value& value, Arguments&) {
  if (value.is(Kind::text)) {
    return get_slice(runtime, value, {.start = Value(), .stop = Value(), .step = Value::integer(-1)});
  }
  const bool is_iterator = value.is(Kind::iterator);
  auto items = items_left(runtime, value);
  std::reverse(items.begin(), items.end());
  if (is_iterator) return runtime.list(std::move(items));
  return runtime.iterator(std::move(items), value.is(Kind::list) ? "list_reverseiterator" : "reversed");
}

inline Value filter_items(Runtime& runtime, const Value& value, Arguments&) {
  if (value.is(Kind::undefined)) return runtime.iterator({});
  return runtime.generator([&](std::vector<Value>& items) {
    if (!value.is(Kind::object))
      runtime.fail_type("an object to take the items of", "a value of type " + type_name(value));
    for (const auto& [key, item] : dict_of(value).entries) items.push_back(runtime.list({key, item}, Kind::tuple));
  });
}

inline Value filter_join(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Value& separator = arguments.positional[0];
  const Value& attribute = arguments.positional[1];
  Value items = value;
  if (is_set(attribute)) {
    const Path path = Path::parse(runtime, attribute);
    std::vector<Value> values;
    for (const Value& item : items_left(runtime, value)) values.push_back(path.get(runtime, item));
    items = runtime.list(std::move(values));
  }
  Text text = is_given(separator) ? text_of(to_text(runtime, separator)) : Text();
  text.escaped = false;
  return join(runtime, items, {.separator = text, .convert = true});
}

/// Sorts by keys, keeping the order of equal ones.
EIGENFORMER_INLINE std::vector<Value> sorted(Runtime& runtime, std::vector<std::pair<Value, Value>> keyed,
                                             bool reverse) {
  const auto before = [&](const auto& a, const auto& b) {
    return reverse ? less(runtime, b.first, a.first) : less(runtime, a.first, b.first);
  };
  std::stable_sort(keyed.begin(), keyed.end(), before);
  std::vector<Value> items;
  items.reserve(keyed.size());
  for (auto& [key, item] : keyed) items.push_back(std::move(item));
  return items;
}

inline Value filter_sort(Runtime& runtime, const Value& value, Arguments& arguments) {
  const auto& given = arguments.positional;
  const auto paths = Path::parse_many(runtime, is_given(given[2]) ? given[2] : Value());
  std::vector<std::pair<Value, Value>> keyed;
  for (const Value& item : items_left(runtime, value)) {
    std::vector<Value> keys;
    keys.reserve(paths.size());
    for (const Path& path : paths) keys.push_back(ignoring_case(runtime, path.get(runtime, item), flag(given[1])));
    keyed.emplace_back(runtime.list(std::move(keys)), item);
  }
  return runtime.list(sorted(runtime, std::move(keyed), is_reverse(runtime, given[0])));
}

inline Value filter_dictsort(Runtime& runtime, const Value& value, Arguments& arguments) {
  const auto& given = arguments.positional;
  if (!value.is(Kind::object)) runtime.fail_type("an object to sort", "a value of type " + type_name(value));
  const std::string by = is_given(given[1]) ? text_argument(runtime, given[1], "what to sort by").bytes : "key";
  if (by != "key" && by != "value") runtime.fail_value("'key' or 'value' to sort by", "'" + by + "'");
  std::vector<std::pair<Value, Value>> keyed;
  for (const auto& [key, item] : dict_of(value).entries) {
    keyed.emplace_back(ignoring_case(runtime, by == "key" ? key : item, flag(given[0])),
                       runtime.list({key, item}, Kind::tuple));
  }
  return runtime.list(sorted(runtime, std::move(keyed), is_reverse(runtime, given[2])));
}

EIGENFORMER_INLINE void fill_unique(Runtime& runtime, const Value& value, const Arguments& arguments,
                                    std::vector<Value>& kept) {
  const Path path = Path::parse(runtime, is_given(arguments.positional[1]) ? arguments.positional[1] : Value());
  const auto items = items_left(runtime, value);
  std::vector<std::pair<Value, Value>> seen;
  for (const Value& item : items) {
    Value key = ignoring_case(runtime, path.get(runtime, item), flag(arguments.positional[0]));
    if (!runtime.is_key(key, items.size()))
      runtime.fail_type("values that can be keys", "a value of type " + type_name(key));
    seen.emplace_back(std::move(key), Value());
  }
  std::vector<bool> taken(items.size(), false);
  const auto keys = make_dict(seen, Provenance::trusted);  // each key once
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::size_t place = *find_key(*keys, seen[i].first);
    if (taken[place]) continue;
    taken[place] = true;
    kept.push_back(items[i]);
  }
}

inline Value filter_unique(Runtime& runtime, const Value& value, Arguments& arguments) {
  return runtime.generator([&](std::vector<Value>& kept) { fill_unique(runtime, value, arguments, kept); });
}

template <bool largest>
Value filter_extreme(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Path path = Path::parse(runtime, is_given(arguments.positional[1]) ? arguments.positional[1] : Value());
  Value best, best_key;
  bool found = false;
  for (const Value& item : items_left(runtime, value)) {
    Value key = ignoring_case(runtime, path.get(runtime, item), flag(arguments.positional[0]));
    if (found && !(largest ? less(runtime, best_key, key, ">") : less(runtime, key, best_key))) continue;
    best = item;
    best_key = std::move(key);
    found = true;
  }
  return found ? best : runtime.undefined("No aggregated item, sequence was empty.");
}

inline Value filter_sum(Runtime& runtime, const Value& value, Arguments& arguments) {
  const Path path = Path::parse(runtime, is_given(arguments.positional[0]) ? arguments.positional[0] : Value());
  Value total = is_given(arguments.positional[1]) ? arguments.positional[1] : Value::integer(0);
  if (total.is(Kind::text)) runtime.fail_type("numbers to sum up", "a text");
  for (const Value& item : items_left(runtime, value)) {
    total = apply(runtime, Operator::add, total, path.get(runtime, item));
  }
  return total;
}

EIGENFORMER_INLINE void fill_batches(Runtime& runtime, const Value& value, const Arguments& arguments,
                                     std::vector<Value>& batches) {
  const std::int64_t size = integer_argument(runtime, arguments.positional[0], "the size of a batch");
  const Value& fill = arguments.positional[1];
  const auto items = items_left(runtime, value);
  std::vector<Value> batch;
  for (const Value& item : items) {
    if (static_cast<std::int64_t>(batch.size()) == size) batches.push_back(runtime.list(std::exchange(batch, {})));
    batch.push_back(item);
  }
  if (!batch.empty()) {
    const auto missing = is_set(fill) ? size - static_cast<std::int64_t>(batch.size()) : 0;
    if (missing > 0) {
      runtime.check_length(static_cast<std::size_t>(missing));
      batch.insert(batch.end(), static_cast<std::size_t>(missing), fill);
    }
    batches.push_back(runtime.list(std::move(batch)));
  }
}

inline Value filter_batch(Runtime& runtime, const Value& value, Arguments& arguments) {
  return runtime.generator([&](std::vector<Value>& batches) { fill_batches(runtime, value, arguments, batches); });
}

EIGENFORMER_INLINE void fill_slices(Runtime& runtime, const Value& value, const Arguments& arguments,
                                    std::vector<Value>& out) {
  const std::int64_t slices = integer_argument(runtime, arguments.positional[0], "the number of slices");
  const Value& fill = arguments.positional[1];
  const auto items = items_left(runtime, value);
  if (slices == 0) runtime.fail_value("a number of slices other than zero", "zero");
  if (slices > 0) runtime.check_length(static_cast<std::size_t>(slices));
  const auto count = static_cast<std::int64_t>(items.size());
  auto at = items.begin();
  for (std::int64_t i = 0; i < slices; ++i) {
    const std::int64_t size = count / slices + (i < count % slices ? 1 : 0);
    std::vector<Value> slice(at, at + size);
    at += size;
    if (is_set(fill) && i >= count % slices) slice.push_back(fill);
    out.push_back(runtime.list(std::move(slice)));
  }
}

inline Value filter_slice(Runtime& runtime, const Value& value, Arguments& arguments) {
  return runtime.generator([&](std::vector<Value>& slices) { fill_slices(runtime, value, arguments, slices); });
}

inline Value filter_groupby(Runtime& runtime, const Value& value, Arguments& arguments) {
  const auto& given = arguments.positional;
  const Path path = Path::parse(runtime, given[0]);
  const Value fallback = is_given(given[1]) ? given[1] : Value();
  std::vector<std::pair<Value, Value>> keyed;
  for (const Value& item : items_left(runtime, value)) {
    keyed.emplace_back(ignoring_case(runtime, path.get(runtime, item, fallback), flag(given[2])), item);
  }
  const auto before = [&](const auto& a, const auto& b) { return less(runtime, a.first, b.first); };
  std::stable_sort(keyed.begin(), keyed.end(), before);
  std::vector<Value> groups;
  for (std::size_t begin = 0, end = 0; begin < keyed.size(); begin = end) {
    std::vector<Value> members;
    for (end = begin; end < keyed.size() && equal(runtime, keyed[begin].first, keyed[end].first); ++end) {
      members.push_back(keyed[end].second);
    }
    if (members.empty()) {  // a key that is not equal to itself
      members.push_back(keyed[end++].second);
    }
    Value key = path.get(runtime, members[0], fallback);
    const Value group = runtime.list({std::move(key), runtime.list(std::move(members))}, Kind::tuple);
    group.as<ListObject>().group = true;
    groups.push_back(group);
  }
  return runtime.list(std::move(groups));
}

inline constexpr FilterEntry k_list_filters[] = {
    {"batch", "linecount fill_with?", filter_batch},
    {"count", "/", filter_length},
    {"dictsort", "case_sensitive? by? reverse?", filter_dictsort},
    {"first", "", filter_first},
    {"groupby", "attribute default? case_sensitive?", filter_groupby},
    {"items", "", filter_items},
    {"join", "d? attribute?", filter_join},
    {"last", "", filter_last},
    {"length", "/", filter_length},
    {"list", "", filter_list},
    {"max", "case_sensitive? attribute?", filter_extreme<true>},
    {"min", "case_sensitive? attribute?", filter_extreme<false>},
    {"reverse", "", filter_reverse},
    {"slice", "slices fill_with?", filter_slice},
    {"sort", "reverse? case_sensitive? attribute?", filter_sort},
    {"sum", "attribute? start?", filter_sum},
    {"unique", "case_sensitive? attribute?", filter_unique},
};

}  // namespace list_filters_detail

EIGENFORMER_INLINE std::span<const FilterEntry> list_filters() { return list_filters_detail::k_list_filters; }

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
