#pragma once

#include <algorithm>
#include <bit>

#include "eigenformer/chat/template/runtime.hpp"
#include "eigenformer/error.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

EIGENFORMER_INLINE Runtime::~Runtime() {
  for (auto& space : spaces_) space->attributes.clear();
}

EIGENFORMER_INLINE bool Runtime::is_key(const Value& value, std::size_t entries) {
  const auto comparisons = static_cast<std::size_t>(std::bit_width(entries)) + 1;
  step(comparisons);
  if (value.is(Kind::tuple)) {
    return std::ranges::all_of(items_of(value), [&](const Value& item) { return is_key(item, entries); });
  }
  if (value.is(Kind::text)) bytes(text_of(value).bytes.size() * comparisons);
  return is_numeric(value) || value.is(Kind::text) || value.is(Kind::none) || value.is(Kind::undefined);
}

EIGENFORMER_INLINE Value Runtime::text(Text text) const {
  auto object = std::make_shared<TextObject>();
  object->text = std::move(text);
  return {Kind::text, std::move(object)};
}

EIGENFORMER_INLINE Value Runtime::list(std::vector<Value> items, Kind kind) {
  check_length(items.size());
  auto object = std::make_shared<ListObject>();
  for (const Value& item : items) object->depth = std::max(object->depth, depth_of(item) + 1);
  check_depth(object->depth);
  object->items = std::move(items);
  return {kind, std::move(object)};
}

EIGENFORMER_INLINE Value Runtime::dict(std::vector<std::pair<Value, Value>> entries) {
  check_length(entries.size());
  for (const auto& [key, value] : entries) {
    if (!is_key(key, entries.size()))
      fail_type("a text, a number or a tuple as a key", "a value of type " + type_name(key));
  }
  auto object = make_dict(std::move(entries), Provenance::trusted);
  check_depth(object->depth);
  return {Kind::object, std::move(object)};
}

EIGENFORMER_INLINE Value Runtime::iterator(std::vector<Value> items, const char* type_name) {
  check_length(items.size());
  auto object = std::make_shared<IteratorObject>();
  for (const Value& item : items) object->depth = std::max(object->depth, depth_of(item) + 1);
  check_depth(object->depth);
  object->items = std::move(items);
  object->type_name = type_name;
  return {Kind::iterator, std::move(object)};
}

EIGENFORMER_INLINE Value Runtime::generator(const std::function<void(std::vector<Value>& items)>& fill) {
  std::vector<Value> items;
  std::exception_ptr failure;
  try {
    fill(items);
  } catch (const ChatError& error) {
    if (error.id() == "chat.template_budget" || error.id() == "chat.template_unsupported") throw;
    failure = std::current_exception();
  }
  Value result = iterator(std::move(items));
  result.as<IteratorObject>().failure = std::move(failure);
  return result;
}

EIGENFORMER_INLINE Value Runtime::space(std::vector<std::pair<std::string, Value>> attributes) {
  check_length(attributes.size());
  auto object = std::make_shared<NamespaceObject>();
  object->attributes = std::move(attributes);
  spaces_.push_back(object);
  return {Kind::space, std::move(object)};
}

EIGENFORMER_INLINE Value Runtime::undefined(std::string message, Absence absence) const {
  auto object = std::make_shared<UndefinedObject>();
  object->message = std::move(message);
  object->absence = absence;
  return {Kind::undefined, std::move(object)};
}

EIGENFORMER_INLINE void Runtime::fail_undefined(const Value& undefined) const {
  const auto& object = undefined.as<UndefinedObject>();
  if (object.absence == Absence::unsafe) place().fail_unsafe(object.message);
  if (object.absence == Absence::clock) place().fail_clock();
  place().fail_undefined(object.message);
}

EIGENFORMER_INLINE void Runtime::fail_steps() const {
  place().fail_budget("a template that is done within " + std::to_string(limits_.steps) + " steps", "that it goes on");
}

EIGENFORMER_INLINE void Runtime::fail_text(std::size_t size) const {
  place().fail_budget("texts of at most " + std::to_string(limits_.output_bytes) + " bytes",
                      "one of " + std::to_string(size) + " bytes");
}

EIGENFORMER_INLINE void Runtime::fail_length(std::size_t length) const {
  place().fail_budget("lists of at most " + std::to_string(limits_.list_length) + " items",
                      "one of " + std::to_string(length) + " items");
}

EIGENFORMER_INLINE std::string type_name(const Value& value) {
  switch (value.kind()) {
    case Kind::missing:
    case Kind::undefined: return "Undefined";
    case Kind::none: return "NoneType";
    case Kind::boolean: return "bool";
    case Kind::integer: return "int";
    case Kind::number: return "float";
    case Kind::text: return text_of(value).escaped ? "Markup" : "str";
    case Kind::list: return "list";
    case Kind::object: return "dict";
    case Kind::tuple: return "tuple";
    case Kind::range: return "range";
    case Kind::iterator: return value.as<IteratorObject>().type_name;
    case Kind::view: {
      const ViewKind view = value.as<ViewObject>().view;
      return view == ViewKind::keys ? "dict_keys" : view == ViewKind::values ? "dict_values" : "dict_items";
    }
    case Kind::space: return "Namespace";
    case Kind::loop: return "LoopContext";
    case Kind::macro: return "Macro";
    case Kind::function: return "function";
    case Kind::method: return "builtin_function_or_method";
    case Kind::cycler: return "Cycler";
    case Kind::joiner: return "Joiner";
  }
  return "object";
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
