#pragma once

#include <algorithm>

#include "eigenformer/chat/template/objects.hpp"
#include "eigenformer/chat/template/value_events.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace value_detail {

inline Value make_text(std::string bytes, Provenance provenance) {
  auto object = std::make_shared<TextObject>();
  if (provenance == Provenance::content && !bytes.empty()) object->text.content.push_back({0, bytes.size()});
  object->text.bytes = std::move(bytes);
  return {Kind::text, std::move(object)};
}

inline void check_depth(std::uint32_t depth) {
  if (depth > k_json_depth) k_variables.fail_depth(k_json_depth);
}

}  // namespace value_detail
}  // namespace templating

EIGENFORMER_INLINE Value Value::boolean(bool value) { return Value(templating::Kind::boolean, value ? 1 : 0); }

EIGENFORMER_INLINE Value Value::integer(std::int64_t value) { return Value(templating::Kind::integer, value); }

EIGENFORMER_INLINE Value Value::number(double value) {
  Value out(templating::Kind::number);
  out.number_ = value;
  return out;
}

EIGENFORMER_INLINE Value Value::text(std::string bytes, Provenance provenance) {
  return templating::value_detail::make_text(std::move(bytes), provenance);
}

EIGENFORMER_INLINE Value Value::list(std::vector<Value> items, Provenance provenance) {
  auto object = std::make_shared<templating::ListObject>();
  for (const Value& item : items) object->depth = std::max(object->depth, templating::depth_of(item) + 1);
  templating::value_detail::check_depth(object->depth);
  object->items = std::move(items);
  object->content = provenance == Provenance::content;
  return {templating::Kind::list, std::move(object)};
}

EIGENFORMER_INLINE Value Value::object(std::vector<std::pair<std::string, Value>> entries, Provenance provenance) {
  std::vector<std::pair<Value, Value>> converted;
  converted.reserve(entries.size());
  for (auto& entry : entries) {
    converted.emplace_back(text(std::move(entry.first), provenance), std::move(entry.second));
  }
  auto object = templating::make_dict(std::move(converted), provenance);
  templating::value_detail::check_depth(object->depth);
  return {templating::Kind::object, std::move(object)};
}

EIGENFORMER_INLINE Value Value::parse_json(std::string_view json, Provenance provenance) {
  templating::ValueEvents events(provenance);
  format::run_json_events(json, events);
  return events.take();
}

}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
