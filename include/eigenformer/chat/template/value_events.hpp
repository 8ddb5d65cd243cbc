// A template's value from the events of JSON text. Include in -inl.hpp files only.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/chat/template/place.hpp"
#include "eigenformer/chat/template/value.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/format/json_events.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::chat::templating {

/// Deeper JSON than this is refused: everything that walks values does so by recursion.
inline constexpr std::uint32_t k_json_depth = 100;

/// Where values from the host come from, for messages.
inline constexpr SourcePlace k_variables{"the variables of the chat template", 0};

/// Every string, keys too, is marked as `provenance` says.
class ValueEvents : public format::JsonEvents {
 public:
  explicit ValueEvents(Provenance provenance)
      : JsonEvents(std::string(k_variables.where), static_cast<int>(k_json_depth)), provenance_(provenance) {}

  bool null() { return put({}); }
  bool boolean(bool value) { return put(Value::boolean(value)); }
  bool number_integer(number_integer_t value) { return put(Value::integer(value)); }
  bool number_unsigned(number_unsigned_t value) {
    if (value > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max())) {
      k_variables.fail_value("integers of at most 64 bits with sign", std::to_string(value));
    }
    return put(Value::integer(static_cast<std::int64_t>(value)));
  }
  bool number_float(number_float_t, const string_t& text) { return put(Value::number(format::json_number(text))); }
  bool string(string_t& text) { return put(Value::text(std::move(text), provenance_)); }
  bool start_object(std::size_t) { return open(); }
  bool start_array(std::size_t) { return open(); }
  bool key(string_t& key) {
    open_.back().keys.push_back(std::move(key));
    return true;
  }
  bool end_array() {
    std::vector<Value> items = std::move(open_.back().items);
    open_.pop_back();
    return put(Value::list(std::move(items), provenance_));
  }
  bool end_object() {
    Container object = std::move(open_.back());
    open_.pop_back();
    std::vector<std::pair<std::string, Value>> entries;
    entries.reserve(object.keys.size());
    for (std::size_t k = 0; k < object.keys.size(); ++k) {
      entries.emplace_back(std::move(object.keys[k]), std::move(object.items[k]));
    }
    return put(Value::object(std::move(entries), provenance_));
  }

  template <class Exception>
  bool parse_error(std::size_t, const std::string&, const Exception& error) {
    throw ChatError({.id = "chat.template_json",
                     .expected = "JSON",
                     .found = error.what(),
                     .where = where_,
                     .remedy = "pass valid JSON"});
  }

  Value take() { return std::move(root_); }

 private:
  /// A list or object that is not complete yet; `keys` are those of an object's items.
  struct Container {
    std::vector<std::string> keys = {};
    std::vector<Value> items = {};
  };

  bool open() {
    if (open_.size() == k_json_depth) k_variables.fail_depth(k_json_depth);
    open_.emplace_back();
    return true;
  }
  bool put(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else {
      open_.back().items.push_back(std::move(value));
    }
    return true;
  }

  Provenance provenance_;
  std::vector<Container> open_;
  Value root_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::chat::templating
