#pragma once

#include <limits>

#include "eigenformer/format/json_value.hpp"
#include "eigenformer/format/json_writer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

EIGENFORMER_INLINE const char* Json::type_name() const noexcept {
  if (is_null()) return "null";
  if (is_boolean()) return "boolean";
  if (is_number()) return "number";
  if (is_text()) return "string";
  return is_array() ? "array" : "object";
}

EIGENFORMER_INLINE bool Json::exceeds_int64() const noexcept {
  const std::uint64_t* const value = std::get_if<std::uint64_t>(&value_);
  return value != nullptr && *value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
}

EIGENFORMER_INLINE std::int64_t Json::integer() const {
  if (exceeds_int64()) return std::numeric_limits<std::int64_t>::max();
  if (const auto* const value = std::get_if<std::uint64_t>(&value_)) return static_cast<std::int64_t>(*value);
  return std::get<std::int64_t>(value_);
}

EIGENFORMER_INLINE std::uint64_t Json::unsigned_integer() const {
  if (const auto* const value = std::get_if<std::int64_t>(&value_)) return static_cast<std::uint64_t>(*value);
  return std::get<std::uint64_t>(value_);
}

EIGENFORMER_INLINE double Json::number() const {
  if (const auto* const value = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*value);
  if (const auto* const value = std::get_if<std::uint64_t>(&value_)) return static_cast<double>(*value);
  return std::get<double>(value_);
}

EIGENFORMER_INLINE std::span<const Json> Json::elements() const noexcept {
  const auto* const array = std::get_if<std::unique_ptr<Array>>(&value_);
  return array == nullptr ? std::span<const Json>() : std::span<const Json>(**array);
}

EIGENFORMER_INLINE std::span<const Json> Json::one_or_more() const noexcept {
  return is_array() ? elements() : std::span(this, 1);
}

EIGENFORMER_INLINE const Json* Json::find(std::string_view key) const noexcept {
  if (!is_object()) return nullptr;
  const auto found = members().find(key);
  return found == members().end() ? nullptr : &found->second;
}

EIGENFORMER_INLINE bool Json::is_empty() const noexcept {
  if (is_text()) return text().empty();
  return is_array() ? elements().empty() : is_object() && members().empty();
}

EIGENFORMER_INLINE Json& Json::append(Json value) {
  return std::get<std::unique_ptr<Array>>(value_)->emplace_back(std::move(value));
}

EIGENFORMER_INLINE Json& Json::member(std::string_view key) {
  return std::get<std::unique_ptr<Object>>(value_)->try_emplace(std::string(key)).first->second;
}

EIGENFORMER_INLINE void Json::erase(std::string_view key) {
  Object& object = *std::get<std::unique_ptr<Object>>(value_);
  const auto found = object.find(key);
  if (found != object.end()) object.erase(found);
}

EIGENFORMER_INLINE std::string Json::dump() const {
  JsonWriter writer;
  writer.value(*this);
  return writer.take();
}

EIGENFORMER_INLINE std::string Json::escaped() const {
  JsonWriter writer({.ascii = true});
  writer.value(*this);
  return writer.take();
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
