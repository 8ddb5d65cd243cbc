#pragma once

#include <algorithm>
#include <numeric>

#include "eigenformer/chat/template/compare.hpp"
#include "eigenformer/chat/template/objects.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace objects_detail {

/// Kinds of keys that are never equal to one another; 1, 1.0 and true are the same key.
inline int key_rank(const Value& key) {
  if (is_numeric(key)) return 0;
  if (key.is(Kind::text)) return 1;
  return key.is(Kind::none) ? 2 : key.is(Kind::tuple) ? 3 : 4;
}

/// A total order of keys, equal where Python's keys are.
EIGENFORMER_INLINE int compare_keys(const Value& left, const Value& right) {
  const int rank = key_rank(left);
  if (rank != key_rank(right)) return rank - key_rank(right);
  if (rank == 0) {
    const auto order = compare_numbers(left, right);
    return order < 0 ? -1 : order > 0 ? 1 : 0;
  }
  if (rank == 1) return text_of(left).bytes.compare(text_of(right).bytes);
  if (rank != 3) return 0;
  const auto& a = items_of(left);
  const auto& b = items_of(right);
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (const int order = compare_keys(a[i], b[i])) return order;
  }
  return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

template <class Compare>
std::optional<std::size_t> search(const DictObject& dict, Compare compare_to_key) {
  const auto found = std::partition_point(dict.order.begin(), dict.order.end(),
                                          [&](std::uint32_t i) { return compare_to_key(dict.entries[i].first) < 0; });
  if (found == dict.order.end() || compare_to_key(dict.entries[*found].first) != 0) return std::nullopt;
  return *found;
}

}  // namespace objects_detail

EIGENFORMER_INLINE std::optional<std::size_t> find_key(const DictObject& dict, const Value& key) {
  return objects_detail::search(dict, [&](const Value& other) { return objects_detail::compare_keys(other, key); });
}

EIGENFORMER_INLINE std::optional<std::size_t> find_key(const DictObject& dict, std::string_view key) {
  return objects_detail::search(dict, [&](const Value& other) {
    const int rank = objects_detail::key_rank(other) - 1;
    return rank != 0 ? rank : std::string_view(text_of(other).bytes).compare(key);
  });
}

EIGENFORMER_INLINE std::shared_ptr<DictObject> make_dict(std::vector<std::pair<Value, Value>> entries,
                                                         Provenance provenance) {
  const auto order_of = [&] {
    std::vector<std::uint32_t> order(entries.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return objects_detail::compare_keys(entries[a].first, entries[b].first) < 0;
    });
    return order;
  };
  auto order = order_of();
  std::vector<bool> dropped(entries.size(), false);
  bool any_dropped = false;
  for (std::size_t i = 0;
       i < order.size();) {  // a run of equal keys: the first keeps its place and gets the last value
    std::size_t next = i + 1;
    for (; next < order.size(); ++next) {
      if (objects_detail::compare_keys(entries[order[i]].first, entries[order[next]].first) != 0) break;
      entries[order[i]].second = entries[order[next]].second;
      dropped[order[next]] = any_dropped = true;
    }
    i = next;
  }
  if (any_dropped) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (dropped[i]) continue;
      if (kept != i) entries[kept] = std::move(entries[i]);
      ++kept;
    }
    entries.resize(kept);
    order = order_of();
  }
  auto object = std::make_shared<DictObject>();
  for (const auto& [key, value] : entries) {
    object->depth = std::max({object->depth, depth_of(key) + 1, depth_of(value) + 1});
  }
  object->entries = std::move(entries);
  object->order = std::move(order);
  object->content = provenance == Provenance::content;
  return object;
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
