#pragma once

#include <algorithm>
#include <bit>
#include <limits>

#include "eigenformer/chat/template/access.hpp"
#include "eigenformer/chat/template/iterate.hpp"
#include "eigenformer/chat/template/methods.hpp"
#include "eigenformer/chat/template/operators.hpp"
#include "eigenformer/chat/template/print.hpp"
#include "eigenformer/chat/template/text.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace access_detail {

EIGENFORMER_INLINE std::optional<Value> pull(LoopObject& loop) {
  while (loop.position < loop.items.size()) {
    Value item = loop.items[loop.position++];
    if (!loop.test || loop.test(item)) return item;
  }
  return std::nullopt;
}

EIGENFORMER_INLINE bool peek(LoopObject& loop) {
  if (!loop.after) loop.after = pull(loop);
  return loop.after.has_value();
}

EIGENFORMER_INLINE std::optional<Value> loop_attribute(Runtime& runtime, LoopObject& loop, std::string_view name) {
  if (name == "index0") return Value::integer(loop.index0);
  if (name == "index") return Value::integer(loop.index0 + 1);
  if (name == "first") return Value::boolean(loop.index0 == 0);
  if (name == "last") return Value::boolean(!peek(loop));
  if (name == "length") return Value::integer(loop_length(loop));
  if (name == "revindex0") return Value::integer(loop_length(loop) - loop.index0 - 1);
  if (name == "revindex") return Value::integer(loop_length(loop) - loop.index0);
  if (name == "depth0") return Value::integer(loop.depth0);
  if (name == "depth") return Value::integer(loop.depth0 + 1);
  if (name == "previtem") {
    return loop.index0 == 0 ? runtime.undefined("there is no previous item") : loop.before;
  }
  if (name == "nextitem") return peek(loop) ? *loop.after : runtime.undefined("there is no next item");
  return std::nullopt;
}

/// What Python's type has under that name: a method, or an attribute that is no item.
EIGENFORMER_INLINE std::optional<Value> python_attribute(Runtime& runtime, const Value& value, std::string_view name) {
  if (value.is(Kind::loop)) {
    if (auto found = loop_attribute(runtime, value.as<LoopObject>(), name)) return found;
  }
  if (value.is(Kind::space)) {
    for (const auto& [key, item] : value.as<NamespaceObject>().attributes) {
      runtime.step();
      if (key == name) return item;
    }
  }
  if (value.is(Kind::tuple) && value.as<ListObject>().group) {
    if (name == "grouper") return items_of(value)[0];
    if (name == "list") return items_of(value)[1];
  }
  if (value.is(Kind::cycler) && name == "current") {
    const auto& cycler = value.as<CyclerObject>();
    return cycler.items[cycler.position];
  }
  const MethodEntry* entry = find_method(value.kind(), name);
  const auto unsafe = [&] {
    return runtime.undefined(
        "access to attribute '" + std::string(name) + "' of '" + type_name(value) + "' object is unsafe",
        Absence::unsafe);
  };
  if (name.starts_with("__") && name.ends_with("__") && name.size() > 4) return unsafe();
  if (entry == nullptr) return std::nullopt;
  if (entry->function == nullptr) return unsafe();
  auto object = std::make_shared<MethodObject>();
  object->self = value;
  object->entry = entry;
  object->depth = depth_of(value) + 1;
  runtime.check_depth(object->depth);
  return Value(Kind::method, std::move(object));
}

/// The place that Python's index means, or none.
inline std::optional<std::size_t> place_of(std::int64_t index, std::int64_t length) {
  if (index < 0) index += length;
  if (index < 0 || index >= length) return std::nullopt;
  return static_cast<std::size_t>(index);
}

EIGENFORMER_INLINE std::optional<Value> item_of(Runtime& runtime, const Value& value, const Value& key) {
  if (value.is(Kind::object)) {
    if (!runtime.is_key(key, dict_of(value).entries.size())) return std::nullopt;
    const auto found = find_key(dict_of(value), key);
    if (!found) return std::nullopt;
    return dict_of(value).entries[*found].second;
  }
  if (!is_integer(key)) return std::nullopt;
  if (is_sequence(value)) {
    const auto& items = items_of(value);
    const auto place = place_of(key.scalar(), static_cast<std::int64_t>(items.size()));
    if (!place) return std::nullopt;
    return items[*place];
  }
  if (value.is(Kind::range)) {
    const auto& range = value.as<RangeObject>();
    const auto place = place_of(key.scalar(), range.length);
    if (!place) return std::nullopt;
    return Value::integer(range_item(range, static_cast<std::int64_t>(*place)));
  }
  if (value.is(Kind::text)) {
    const Text& text = text_of(value);
    const auto place = place_of(key.scalar(), *length_of(runtime, value));
    if (!place) return std::nullopt;
    const std::size_t begin = offset_of(text.bytes, *place);
    return slice_bytes(runtime, text, begin, begin + decode(text.bytes, begin).size);
  }
  return std::nullopt;
}

EIGENFORMER_INLINE std::string described(Runtime& runtime, const Value& value) {
  TextBuilder out(runtime);
  append_repr(runtime, value, out);
  return out.take().bytes;
}

EIGENFORMER_INLINE Value no_attribute(Runtime& runtime, const Value& value, std::string_view name) {
  if (value.is(Kind::none)) return runtime.undefined("'None' has no attribute '" + std::string(name) + "'");
  return runtime.undefined("'" + type_name(value) + " object' has no attribute '" + std::string(name) + "'");
}

/// Where a slice begins and ends, and the count of the items that it takes.
struct Slice {
  std::int64_t start = 0, stop = 0, step = 1, count = 0;
};

EIGENFORMER_INLINE Slice resolve_slice(Runtime& runtime, const SliceBounds& bounds, std::int64_t length) {
  Slice slice;
  if (!bounds.step.is(Kind::none)) slice.step = integer_argument(runtime, bounds.step, "the step of a slice");
  if (slice.step == 0) runtime.fail_value("a slice with a step other than zero", "zero");
  const bool backwards = slice.step < 0;
  const auto clamp = [&](const Value& bound, std::int64_t fallback) {
    if (bound.is(Kind::none)) return fallback;
    std::int64_t index = integer_argument(runtime, bound, "the bound of a slice");
    if (index < 0) index = index < -length ? -1 - (backwards ? 0 : -1) : index + length;
    return std::clamp<std::int64_t>(index, backwards ? -1 : 0, backwards ? length - 1 : length);
  };
  slice.start = clamp(bounds.start, backwards ? length - 1 : 0);
  slice.stop = clamp(bounds.stop, backwards ? -1 : length);
  const std::int64_t distance = backwards ? slice.start - slice.stop : slice.stop - slice.start;
  if (distance <= 0) return slice;
  if (slice.step == std::numeric_limits<std::int64_t>::min()) {
    slice.count = 1;
  } else {
    const std::int64_t stride = backwards ? -slice.step : slice.step;
    slice.count = (distance - 1) / stride + 1;
  }
  return slice;
}

EIGENFORMER_INLINE Value slice_text(Runtime& runtime, const Value& value, const SliceBounds& bounds) {
  const Text& text = text_of(value);
  const Slice slice = resolve_slice(runtime, bounds, *length_of(runtime, value));
  if (slice.count == 0) return slice_bytes(runtime, text, 0, 0);
  if (slice.step == 1) {
    const std::size_t begin = offset_of(text.bytes, static_cast<std::size_t>(slice.start));
    const std::string_view rest = std::string_view(text.bytes).substr(begin);
    return slice_bytes(runtime, text, begin, begin + offset_of(rest, static_cast<std::size_t>(slice.count)));
  }
  std::vector<std::size_t> offsets;
  for (std::size_t at = 0; at < text.bytes.size(); at += decode(text.bytes, at).size) offsets.push_back(at);
  runtime.step(offsets.size() / 8);
  TextBuilder out(runtime);
  for (std::int64_t i = 0; i < slice.count; ++i) {
    const std::size_t begin = offsets[static_cast<std::size_t>(slice.start + i * slice.step)];
    out.append(text, begin, begin + decode(text.bytes, begin).size);
  }
  return out.escaped(text.escaped).value();
}

}  // namespace access_detail

EIGENFORMER_INLINE std::optional<Value> loop_next(LoopObject& loop) {
  std::optional<Value> item = loop.after ? std::exchange(loop.after, std::nullopt) : access_detail::pull(loop);
  if (!item) return std::nullopt;
  ++loop.index0;
  loop.before = std::move(loop.current);
  loop.current = *item;
  return item;
}

EIGENFORMER_INLINE std::int64_t loop_length(LoopObject& loop) {
  if (loop.length) return *loop.length;
  if (!loop.test) {
    loop.length = static_cast<std::int64_t>(loop.items.size());
  } else {
    std::vector<Value> rest;
    while (auto item = access_detail::pull(loop)) rest.push_back(std::move(*item));
    loop.items = std::move(rest);
    loop.position = 0;
    loop.test = nullptr;
    loop.length = static_cast<std::int64_t>(loop.items.size()) + loop.index0 + 1 + (loop.after ? 1 : 0);
  }
  return *loop.length;
}

EIGENFORMER_INLINE Value get_attribute(Runtime& runtime, const Value& value, std::string_view name) {
  if (value.is(Kind::undefined)) runtime.fail_undefined(value);
  if (auto found = access_detail::python_attribute(runtime, value, name)) return std::move(*found);
  if (value.is(Kind::object)) {
    runtime.bytes(name.size() * static_cast<std::size_t>(std::bit_width(dict_of(value).entries.size()) + 1));
    if (const auto found = find_key(dict_of(value), name)) return dict_of(value).entries[*found].second;
  }
  return access_detail::no_attribute(runtime, value, name);
}

EIGENFORMER_INLINE Value get_item(Runtime& runtime, const Value& value, const Value& key) {
  if (value.is(Kind::undefined)) runtime.fail_undefined(value);
  if (auto found = access_detail::item_of(runtime, value, key)) return std::move(*found);
  if (key.is(Kind::text)) {
    const std::string& name = text_of(key).bytes;
    if (auto found = access_detail::python_attribute(runtime, value, name)) return std::move(*found);
    return access_detail::no_attribute(runtime, value, name);
  }
  if (is_numeric(key)) {
    return runtime.undefined(type_name(value) + " object has no element " + access_detail::described(runtime, key));
  }
  return runtime.undefined(type_name(value) + " object has no element of type " + type_name(key));
}

EIGENFORMER_INLINE Value get_slice(Runtime& runtime, const Value& value, const SliceBounds& bounds) {
  if (value.is(Kind::undefined)) runtime.fail_undefined(value);
  if (value.is(Kind::text)) return access_detail::slice_text(runtime, value, bounds);
  if (is_sequence(value)) {
    const auto& items = items_of(value);
    const auto slice = access_detail::resolve_slice(runtime, bounds, static_cast<std::int64_t>(items.size()));
    std::vector<Value> taken;
    for (std::int64_t i = 0; i < slice.count; ++i) {
      taken.push_back(items[static_cast<std::size_t>(slice.start + i * slice.step)]);
    }
    return runtime.list(std::move(taken), value.kind());
  }
  if (value.is(Kind::range)) {
    const auto& range = value.as<RangeObject>();
    const auto slice = access_detail::resolve_slice(runtime, bounds, range.length);
    auto object = std::make_shared<RangeObject>();
    const Value step = Value::integer(range.step);
    const Value distance = apply(runtime, Operator::multiply, step, Value::integer(slice.stop));
    object->start = range_item(range, slice.start);
    object->stop = apply(runtime, Operator::add, Value::integer(range.start), distance).scalar();
    object->step = apply(runtime, Operator::multiply, step, Value::integer(slice.step)).scalar();
    object->length = slice.count;
    return {Kind::range, std::move(object)};
  }
  runtime.fail_type("a text or a list to take a slice of", "a value of type " + type_name(value));
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
