#pragma once

#include "eigenformer/chat/template/iterate.hpp"
#include "eigenformer/chat/template/text.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

EIGENFORMER_INLINE bool is_iterable(const Value& value) {
  switch (value.kind()) {
    case Kind::undefined:
    case Kind::text:
    case Kind::list:
    case Kind::tuple:
    case Kind::object:
    case Kind::range:
    case Kind::iterator:
    case Kind::view: return true;
    default: return false;
  }
}

EIGENFORMER_INLINE Walk::Walk(Runtime& runtime, const Value& value) : runtime_(&runtime), value_(value) {
  if (!is_iterable(value)) {
    runtime.fail_type("a list, an object, a text or another value with items", "a value of type " + type_name(value));
  }
}

EIGENFORMER_INLINE const Value* Walk::next_of_view(const ViewObject& view) {
  const auto& entries = dict_of(view.dict).entries;
  if (position_ >= entries.size()) return nullptr;
  const auto& [key, item] = entries[position_++];
  if (view.view == ViewKind::keys) return &key;
  if (view.view == ViewKind::values) return &item;
  current_ = runtime_->list({key, item}, Kind::tuple);
  return &current_;
}

EIGENFORMER_INLINE const Value* Walk::next() {
  runtime_->step();
  switch (value_.kind()) {
    case Kind::text: {
      const Text& text = text_of(value_);
      if (position_ >= text.bytes.size()) return nullptr;
      const std::size_t end = position_ + decode(text.bytes, position_).size;
      TextBuilder character(*runtime_);
      character.append(text, position_, end);  // not marked as escaped: Python walks any text as plain ones
      current_ = character.value();
      position_ = end;
      return &current_;
    }
    case Kind::list:
    case Kind::tuple: {
      const auto& items = items_of(value_);
      return position_ < items.size() ? &items[position_++] : nullptr;
    }
    case Kind::object: {
      const auto& entries = dict_of(value_).entries;
      return position_ < entries.size() ? &entries[position_++].first : nullptr;
    }
    case Kind::range: {
      const auto& range = value_.as<RangeObject>();
      if (position_ >= static_cast<std::size_t>(range.length)) return nullptr;
      current_ = Value::integer(range_item(range, static_cast<std::int64_t>(position_++)));
      return &current_;
    }
    case Kind::iterator: {
      auto& iterator = value_.as<IteratorObject>();
      if (iterator.position < iterator.items.size()) return &iterator.items[iterator.position++];
      if (iterator.failure) std::rethrow_exception(iterator.failure);
      return nullptr;
    }
    case Kind::view: return next_of_view(value_.as<ViewObject>());
    default: return nullptr;
  }
}

EIGENFORMER_INLINE std::vector<Value> items_left(Runtime& runtime, const Value& value) {
  Walk walk(runtime, value);
  std::vector<Value> items;
  while (const Value* item = walk.next()) {
    runtime.check_length(items.size() + 1 > runtime.limits().list_length ? items.size() + 1 : 0);
    items.push_back(*item);
  }
  return items;
}

EIGENFORMER_INLINE std::optional<std::int64_t> length_of(Runtime& runtime, const Value& value) {
  const auto count = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  switch (value.kind()) {
    case Kind::undefined: return 0;
    case Kind::text:
      runtime.bytes(4 * text_of(value).bytes.size());
      return count(count_code_points(text_of(value).bytes));
    case Kind::list:
    case Kind::tuple: return count(items_of(value).size());
    case Kind::object: return count(dict_of(value).entries.size());
    case Kind::view: return count(dict_of(value.as<ViewObject>().dict).entries.size());
    case Kind::range: return value.as<RangeObject>().length;
    default: return std::nullopt;
  }
}

EIGENFORMER_INLINE bool is_true(const Value& value) {
  switch (value.kind()) {
    case Kind::missing:
    case Kind::undefined:
    case Kind::none: return false;
    case Kind::boolean:
    case Kind::integer: return value.scalar() != 0;
    case Kind::number: return value.real() != 0;
    case Kind::text: return !text_of(value).bytes.empty();
    case Kind::list:
    case Kind::tuple: return !items_of(value).empty();
    case Kind::object: return !dict_of(value).entries.empty();
    case Kind::view: return !dict_of(value.as<ViewObject>().dict).entries.empty();
    case Kind::range: return value.as<RangeObject>().length != 0;
    default: return true;
  }
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
