// A JSON value from events, for handlers that keep parts of a file elsewhere. Include in -inl.hpp files only.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "eigenformer/format/json_events.hpp"
#include "eigenformer/format/json_value.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// Builds a value from events. `open_` is the way from the root to where the next value goes.
class JsonBuilder : public JsonEvents {
 public:
  using JsonEvents::JsonEvents;

  bool null() { return put(Json()); }
  bool boolean(bool value) { return put(Json(value)); }
  bool number_integer(number_integer_t value) { return put(Json(value)); }
  bool number_unsigned(number_unsigned_t value) { return put(Json(value)); }
  bool number_float(number_float_t, const string_t& text) { return put(Json(json_number(text))); }
  bool string(string_t& value) { return put(Json(std::move(value))); }
  bool start_object(std::size_t) { return open(Json::object()); }
  bool start_array(std::size_t) { return open(Json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(string_t& key) {
    Json& object = *open_.back();
    const std::size_t before = object.members().size();
    member_ = &object.member(key);
    if (object.members().size() == before) key_twice(key);
    return true;
  }

  Json take() { return std::move(root_); }

 private:
  Json* place(Json&& value) {
    keep_one_more();
    if (!open_.empty() && open_.back()->is_array()) return &open_.back()->append(std::move(value));
    Json* const target = open_.empty() ? &root_ : member_;
    *target = std::move(value);
    return target;
  }
  bool put(Json&& value) {
    place(std::move(value));
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

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
