#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/format/base_config_keys.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/format/byte_source.hpp"
#include "eigenformer/format/config_errors.hpp"
#include "eigenformer/format/config_reader.hpp"
#include "eigenformer/format/json_value.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// Keys are known by their path from the root: "rope_scaling.factor".
struct ConfigReader::State {
  Json root = Json::object();
  Json unmapped = Json::object();  ///< GGUF keys that have no name in config.json: nobody can ask for them
  std::string where;
  std::map<std::string, std::string> file_keys;  ///< path -> the file's own key, where it is another (GGUF)
  std::map<std::string, const Json*> objects;    ///< the objects that have been opened; null: absent
  std::set<std::string, std::less<>> read;       ///< paths that have been asked for
  std::vector<std::string> reports;

  /// The value, which counts as read from now on; null where it is absent or null.
  const Json* take(const std::string& object, std::string_view key) {
    read.insert(path_of(object, key));
    return peek(object, key);
  }
  const Json* peek(const std::string& object, std::string_view key) const {
    const Json* const members = objects.at(object);
    if (members == nullptr) return nullptr;
    const Json* const found = members->find(key);
    return found == nullptr || found->is_null() ? nullptr : found;
  }
  static std::string path_of(const std::string& object, std::string_view key) {
    return object.empty() ? std::string(key) : object + "." + std::string(key);
  }
  /// "config.json, key rope_scaling.factor".
  std::string where_of(const std::string& path) const {
    const auto other = file_keys.find(path);
    if (other == file_keys.end() || other->second == path) return where + ", key " + printable(path);
    return where + ", key " + printable(other->second) + " (" + printable(path) + ")";
  }
  void unknown(const std::string& path, const Json& value, UnknownKeys policy);
};

namespace config_reader_detail {

/// A value for messages, on one line.
inline std::string shown(const Json& value) { return printable(value.escaped()); }

inline std::string number_text(double value) {
  char text[32];
  const auto [end, code] = std::to_chars(text, text + sizeof(text), value);
  return code == std::errc{} ? std::string(text, end) : "?";
}

inline std::string wanted_integer(IntegerRange range) {
  return "a whole number from " + std::to_string(range.minimum) + " to " + std::to_string(range.maximum);
}

inline std::string wanted_number(NumberRange range) {
  const bool above = range.minimum > std::numeric_limits<double>::lowest();
  const bool below = range.maximum < std::numeric_limits<double>::max();
  if (range.minimum == k_positive.minimum && !below) return "a number above 0";
  if (above && below) return "a number from " + number_text(range.minimum) + " to " + number_text(range.maximum);
  if (above) return "a number of at least " + number_text(range.minimum);
  return below ? "a number of at most " + number_text(range.maximum) : "a number";
}

[[noreturn]] inline void out_of_range(const std::string& where, const std::string& wanted, const Json& value) {
  throw ConfigError({.id = "config.range",
                     .expected = wanted,
                     .found = shown(value),
                     .where = where,
                     .remedy = "correct the value, or use the config that was published with these weights"});
}

[[noreturn]] inline void wrong_value(const std::string& where, std::string wanted, const Json& value,
                                     std::string_view why) {
  throw ConfigError({.id = "config.value",
                     .expected = std::move(wanted),
                     .found = shown(value),
                     .where = where,
                     .remedy = std::string(why)});
}

inline std::int64_t as_integer(const Json& value, IntegerRange range, const std::string& where) {
  if (!value.is_integer()) throw_config_type(where, wanted_integer(range), shown(value));
  const std::int64_t number = value.integer();
  if (value.exceeds_int64() || number < range.minimum || number > range.maximum)
    out_of_range(where, wanted_integer(range), value);
  return number;
}

inline double as_number(const Json& value, NumberRange range, const std::string& where) {
  if (!value.is_number()) throw_config_type(where, wanted_number(range), shown(value));
  const double number = value.number();
  if (number >= range.minimum && number <= range.maximum) return number;  // false for what is not a number
  out_of_range(where, wanted_number(range), value);
}

inline bool as_flag(const Json& value, const std::string& where) {
  if (!value.is_boolean()) throw_config_type(where, "true or false", shown(value));
  return value.boolean();
}

inline std::string as_text(const Json& value, const std::string& where) {
  if (!value.is_text()) throw_config_type(where, "a text", shown(value));
  return value.text();
}

/// Each element of a list by `read_one`.
template <class ReadOne>
auto as_list(const Json& value, std::string_view wanted, const std::string& where, ReadOne read_one) {
  if (!value.is_array()) throw_config_type(where, wanted, shown(value));
  std::vector<decltype(read_one(value))> list;
  list.reserve(value.elements().size());
  for (const Json& element : value.elements()) list.push_back(read_one(element));
  return list;
}

/// What stands for "not set" in configs.
inline bool is_nothing(const Json& value) {
  return value.is_null() || (value.is_boolean() && !value.boolean()) || value.is_empty();
}

}  // namespace config_reader_detail

EIGENFORMER_INLINE void ConfigReader::State::unknown(const std::string& path, const Json& value, UnknownKeys policy) {
  if (policy == UnknownKeys::report) {
    reports.push_back(where_of(path) + ": unknown to this architecture, passed over");
    return;
  }
  throw ConfigError({.id = "config.unknown_key",
                     .expected = "only keys that this architecture knows",
                     .found = config_reader_detail::shown(value),
                     .where = where_of(path),
                     .remedy = "remove the key if it changes nothing, or load with {.unknown_keys = report}"});
}

EIGENFORMER_INLINE ConfigReader::ConfigReader(std::shared_ptr<State> state, std::string path)
    : state_(std::move(state)), path_(std::move(path)) {}

EIGENFORMER_INLINE std::string ConfigReader::where() const { return state_->where; }

EIGENFORMER_INLINE bool ConfigReader::has(std::string_view key) const { return state_->peek(path_, key) != nullptr; }

EIGENFORMER_INLINE bool ConfigReader::is_null(std::string_view key) const {
  const Json* const members = state_->objects.at(path_);
  return state_->take(path_, key) == nullptr && members != nullptr && members->contains(key);
}

EIGENFORMER_INLINE std::vector<std::string> ConfigReader::keys() const {
  std::vector<std::string> keys;
  const Json* const members = state_->objects.at(path_);
  if (members == nullptr) return keys;
  for (const auto& [key, value] : members->members()) {
    if (!value.is_null()) keys.push_back(key);
  }
  return keys;
}

EIGENFORMER_INLINE std::optional<std::size_t> ConfigReader::entry_count(std::string_view key) const {
  const Json* const value = state_->take(path_, key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_object()) {
    throw_config_type(state_->where_of(State::path_of(path_, key)), "an object", config_reader_detail::shown(*value));
  }
  return value->members().size();
}

EIGENFORMER_INLINE ConfigReader ConfigReader::object(std::string_view key) const {
  const std::string path = State::path_of(path_, key);
  const Json* const value = state_->take(path_, key);
  if (value != nullptr && !value->is_object()) {
    throw_config_type(state_->where_of(path), "an object", config_reader_detail::shown(*value));
  }
  state_->objects.emplace(path, value);
  return ConfigReader(state_, path);
}

EIGENFORMER_INLINE void ConfigReader::ignore(std::initializer_list<std::string_view> keys) const {
  for (const std::string_view key : keys) state_->take(path_, key);
}

EIGENFORMER_INLINE void ConfigReader::refuse(std::string_view key, std::string_view expected,
                                             std::string_view remedy) const {
  const Json* const value = state_->take(path_, key);
  const Json null;
  config_reader_detail::wrong_value(state_->where_of(State::path_of(path_, key)), std::string(expected),
                                    value == nullptr ? null : *value, remedy);
}

EIGENFORMER_INLINE void ConfigReader::finish(UnknownKeys policy) const {
  using config_reader_detail::is_nothing;
  for (const auto& [key, value] : state_->unmapped.members()) {
    if (!is_nothing(value)) state_->unknown(key, value, policy);
  }
  for (const auto& [object, members] : state_->objects) {
    if (members == nullptr) continue;
    for (const auto& [key, value] : members->members()) {
      const std::string path = State::path_of(object, key);
      if (state_->read.contains(path) || is_nothing(value) || (object.empty() && is_base_config_key(key))) continue;
      if (object.empty() && is_code_key(key)) {
        state_->reports.push_back(state_->where_of(path) + ": a reference to code, which is never run");
      } else {
        state_->unknown(path, value, policy);
      }
    }
  }
}

EIGENFORMER_INLINE std::vector<std::string> ConfigReader::reports() const { return state_->reports; }

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#include "eigenformer/format/config_sources-inl.hpp"
#include "eigenformer/format/config_values-inl.hpp"
