#pragma once

#include <algorithm>

#include "eigenformer/chat/template/compare.hpp"
#include "eigenformer/chat/template/methods.hpp"
#include "eigenformer/chat/template/print.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace container_methods_detail {

template <ViewKind kind>
Value method_view(Runtime&, const Value& self, Arguments&) {
  auto view = std::make_shared<ViewObject>();
  view->dict = self;
  view->view = kind;
  view->depth = depth_of(self) + 1;
  return {Kind::view, std::move(view)};
}

inline Value method_get(Runtime& runtime, const Value& self, Arguments& arguments) {
  const Value& key = arguments.positional[0];
  const Value& fallback = arguments.positional[1];
  if (!runtime.is_key(key, dict_of(self).entries.size()))
    runtime.fail_type("a text, a number or a tuple as a key", "a value of type " + type_name(key));
  if (const auto found = find_key(dict_of(self), key)) return dict_of(self).entries[*found].second;
  return is_given(fallback) ? fallback : Value();
}

inline Value method_copy(Runtime&, const Value& self, Arguments&) { return self; }

inline Value method_list_count(Runtime& runtime, const Value& self, Arguments& arguments) {
  std::int64_t count = 0;
  for (const Value& item : items_of(self)) count += equal(runtime, item, arguments.positional[0]) ? 1 : 0;
  return Value::integer(count);
}

inline Value method_list_index(Runtime& runtime, const Value& self, Arguments& arguments) {
  const auto& items = items_of(self);
  const auto length = static_cast<std::int64_t>(items.size());
  const auto bound = [&](std::size_t argument, std::int64_t fallback) {
    const Value& given = arguments.positional[argument];
    if (!is_given(given)) return fallback;
    const std::int64_t index = integer_argument(runtime, given, "a position");
    return std::clamp<std::int64_t>(index < -length ? 0 : index < 0 ? index + length : index, 0, length);
  };
  const std::int64_t end = bound(2, length);
  for (std::int64_t i = bound(1, 0); i < end; ++i) {
    if (equal(runtime, items[static_cast<std::size_t>(i)], arguments.positional[0])) return Value::integer(i);
  }
  runtime.fail_value("a list that has the item that 'index' looks for", "that it is not there");
}

inline Value loop_cycle(Runtime& runtime, const Value& self, Arguments& arguments) {
  if (arguments.positional.empty()) runtime.fail_type("values to cycle through", "none");
  const auto index = static_cast<std::size_t>(self.as<LoopObject>().index0);
  return arguments.positional[index % arguments.positional.size()];
}

/// Whether a loop stands somewhere in the value: a loop that remembers itself would never be freed.
EIGENFORMER_INLINE bool holds_loop(Runtime& runtime, const Value& value) {
  runtime.step();
  const auto holds = [&](const Value& item) { return holds_loop(runtime, item); };
  switch (value.kind()) {
    case Kind::loop: return true;
    case Kind::method: return holds(value.as<MethodObject>().self);
    case Kind::list:
    case Kind::tuple: return std::ranges::any_of(items_of(value), holds);
    case Kind::iterator: return std::ranges::any_of(value.as<IteratorObject>().items, holds);
    case Kind::cycler: return std::ranges::any_of(value.as<CyclerObject>().items, holds);
    case Kind::joiner: return holds(value.as<JoinerObject>().separator);
    case Kind::view: return holds(value.as<ViewObject>().dict);
    case Kind::object:
      return std::ranges::any_of(dict_of(value).entries, [&](const auto& entry) { return holds(entry.second); });
    default: return false;
  }
}

inline Value loop_changed(Runtime& runtime, const Value& self, Arguments& arguments) {
  auto& loop = self.as<LoopObject>();
  const auto& values = arguments.positional;
  if (std::ranges::any_of(values, [&](const Value& value) { return holds_loop(runtime, value); })) {
    runtime.fail_unsupported("a loop as the argument of loop.changed");
  }
  const bool changed = !loop.last_changed || loop.last_changed->size() != values.size() ||
                       !std::equal(values.begin(), values.end(), loop.last_changed->begin(),
                                   [&](const Value& a, const Value& b) { return equal(runtime, a, b); });
  if (changed) loop.last_changed = values;
  return Value::boolean(changed);
}

inline Value cycler_next(Runtime&, const Value& self, Arguments&) {
  auto& cycler = self.as<CyclerObject>();
  Value item = cycler.items[cycler.position];
  cycler.position = (cycler.position + 1) % cycler.items.size();
  return item;
}

inline Value cycler_reset(Runtime&, const Value& self, Arguments&) {
  self.as<CyclerObject>().position = 0;
  return {};
}

inline constexpr MethodEntry k_container_methods[] = {
    {Kind::object, "copy", "/", method_copy},
    {Kind::object, "get", "/ key default?", method_get},
    {Kind::object, "items", "/", method_view<ViewKind::items>},
    {Kind::object, "keys", "/", method_view<ViewKind::keys>},
    {Kind::object, "values", "/", method_view<ViewKind::values>},
    {Kind::object, "clear", "", nullptr},
    {Kind::object, "pop", "", nullptr},
    {Kind::object, "popitem", "", nullptr},
    {Kind::object, "setdefault", "", nullptr},
    {Kind::object, "update", "", nullptr},
    {Kind::list, "copy", "/", method_copy},
    {Kind::list, "count", "/ value", method_list_count},
    {Kind::list, "index", "/ value start? stop?", method_list_index},
    {Kind::list, "append", "", nullptr},
    {Kind::list, "clear", "", nullptr},
    {Kind::list, "extend", "", nullptr},
    {Kind::list, "insert", "", nullptr},
    {Kind::list, "pop", "", nullptr},
    {Kind::list, "remove", "", nullptr},
    {Kind::list, "reverse", "", nullptr},
    {Kind::list, "sort", "", nullptr},
    {Kind::tuple, "count", "/ value", method_list_count},
    {Kind::tuple, "index", "/ value start? stop?", method_list_index},
    {Kind::loop, "changed", "*", loop_changed},
    {Kind::loop, "cycle", "*", loop_cycle},
    {Kind::cycler, "next", "/", cycler_next},
    {Kind::cycler, "reset", "/", cycler_reset},
};

}  // namespace container_methods_detail

EIGENFORMER_INLINE std::span<const MethodEntry> container_methods() {
  return container_methods_detail::k_container_methods;
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
