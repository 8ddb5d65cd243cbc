#pragma once

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "eigenformer/chat/template/objects.hpp"
#include "eigenformer/chat/template/place.hpp"
#include "eigenformer/core/decimal_point.hpp"
#include "eigenformer/error.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace value_detail {

/// Deeper JSON than this is refused: everything that walks values does so by recursion.
inline constexpr std::uint32_t k_json_depth = 100;

inline Value make_text(std::string bytes, Provenance provenance) {
  auto object = std::make_shared<TextObject>();
  if (provenance == Provenance::content && !bytes.empty()) object->text.content.push_back({0, bytes.size()});
  object->text.bytes = std::move(bytes);
  return {Kind::text, std::move(object)};
}

inline constexpr SourcePlace k_place{"the variables of the chat template", 0};

[[noreturn]] EIGENFORMER_INLINE void fail_nesting() { k_place.fail_depth(k_json_depth); }

EIGENFORMER_INLINE Value convert(const nlohmann::ordered_json& json, Provenance provenance, std::uint32_t depth) {
  if (depth > k_json_depth) fail_nesting();
  using Type = nlohmann::ordered_json::value_t;
  switch (json.type()) {
    case Type::boolean: return Value::boolean(json.get<bool>());
    case Type::number_integer: return Value::integer(json.get<std::int64_t>());
    case Type::number_unsigned: {
      const auto value = json.get<std::uint64_t>();
      if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        k_place.fail_value("integers of at most 64 bits with sign", std::to_string(value));
      }
      return Value::integer(static_cast<std::int64_t>(value));
    }
    case Type::number_float: return Value::number(json.get<double>());
    case Type::string: return Value::text(json.get_ref<const std::string&>(), provenance);
    case Type::array: {
      std::vector<Value> items;
      items.reserve(json.size());
      for (const auto& item : json) items.push_back(convert(item, provenance, depth + 1));
      return Value::list(std::move(items), provenance);
    }
    case Type::object: {
      std::vector<std::pair<std::string, Value>> entries;
      entries.reserve(json.size());
      for (const auto& [key, item] : json.items()) entries.emplace_back(key, convert(item, provenance, depth + 1));
      return Value::object(std::move(entries), provenance);
    }
    default: return {};
  }
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
  if (object->depth > templating::value_detail::k_json_depth) templating::value_detail::fail_nesting();
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
  if (object->depth > templating::value_detail::k_json_depth) templating::value_detail::fail_nesting();
  return {templating::Kind::object, std::move(object)};
}

EIGENFORMER_INLINE Value Value::from_json(const nlohmann::ordered_json& json, Provenance provenance) {
  return templating::value_detail::convert(json, provenance, 0);
}

EIGENFORMER_INLINE Value Value::parse_json(std::string_view json, Provenance provenance) {
  nlohmann::ordered_json parsed;
  const DecimalPoint point;
  try {
    parsed = nlohmann::ordered_json::parse(json);
  } catch (const nlohmann::json::exception& error) {
    throw ChatError({.id = "chat.template_json",
                     .expected = "JSON",
                     .found = error.what(),
                     .where = "the variables of the chat template",
                     .remedy = "pass valid JSON"});
  }
  return from_json(parsed, provenance);
}

}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
