// A JSON value from events, for handlers that keep parts of a file elsewhere. Include in -inl.hpp files only.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "eigenformer/format/json_events.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// Builds a value from events. `open_` is the way from the root to where the next value goes.
class JsonBuilder : public JsonEvents {
 public:
  using JsonEvents::JsonEvents;

  bool null() { return put(nullptr); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(number_integer_t value) { return put(value); }
  bool number_unsigned(number_unsigned_t value) { return put(value); }
  bool number_float(number_float_t, const string_t& text) { return put(json_number(text)); }
  bool string(string_t& value) { return put(std::move(value)); }
  bool start_object(std::size_t) { return open(nlohmann::json::object()); }
  bool start_array(std::size_t) { return open(nlohmann::json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(string_t& key) {
    nlohmann::json& object = *open_.back();
    const std::size_t before = object.size();
    member_ = &object[key];
    if (object.size() == before) key_twice(key);
    return true;
  }

  nlohmann::json take() { return std::move(root_); }

 private:
  nlohmann::json* place(nlohmann::json&& value) {
    keep_one_more();
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
    place(nlohmann::json(std::forward<Value>(value)));
    return true;
  }
  bool open(nlohmann::json&& value) {
    enter();
    open_.push_back(place(std::move(value)));
    return true;
  }
  bool close() {
    leave();
    open_.pop_back();
    return true;
  }

  nlohmann::json root_;
  std::vector<nlohmann::json*> open_;
  nlohmann::json* member_ = nullptr;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
