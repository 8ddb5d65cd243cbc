#pragma once

#include <vector>

#include "eigenformer/format/json.hpp"
#include "eigenformer/format/json_events.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace json_detail {

using Json = nlohmann::json;

/// Builds a value from events. `open_` is the way from the root to where the next value goes.
class Builder : public JsonEvents {
 public:
  using JsonEvents::JsonEvents;

  bool null() { return put(nullptr); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(number_integer_t value) { return put(value); }
  bool number_unsigned(number_unsigned_t value) { return put(value); }
  bool number_float(number_float_t, const string_t& text) { return put(json_number(text)); }
  bool string(string_t& value) { return put(std::move(value)); }
  bool start_object(std::size_t) { return open(Json::object()); }
  bool start_array(std::size_t) { return open(Json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(string_t& key) {
    Json& object = *open_.back();
    const std::size_t before = object.size();
    member_ = &object[key];
    if (object.size() == before) key_twice(key);
    return true;
  }

  Json take() { return std::move(root_); }

 private:
  Json* place(Json&& value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
      return &open_.back()->back();
    }
    *member_ = std::move(value);
    return member_;
  }
  template <class Value>
  bool put(Value&& value) {
    place(Json(std::forward<Value>(value)));
    return true;
  }
  bool open(Json&& value) {
    enter();
    open_.push_back(place(std::move(value)));
    return true;
  }
  bool close() {
    leave();
    open_.pop_back();
    return true;
  }

  Json root_;
  std::vector<Json*> open_;
  Json* member_ = nullptr;
};

}  // namespace json_detail

EIGENFORMER_INLINE nlohmann::json parse_json(std::string_view text, const std::string& where,
                                             const JsonLimits& limits) {
  check_json_size(text.size(), limits.bytes, where);
  json_detail::Builder builder(where, limits.depth);
  run_json_events(text, builder);
  return builder.take();
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
