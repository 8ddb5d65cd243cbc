// What stands behind a Value that is more than a scalar. Lists, tuples and objects never change once they are made, so
// values cannot form cycles; the few things that do change (namespaces, macro frames) belong to the rendering.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/chat/template/value.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

/// Base of all shared objects. `depth` is how deep values nest inside, so that walking them needs bounded stack.
struct Object {
  std::uint32_t depth = 0;
  virtual ~Object() = default;
};

struct TextObject : Object {
  Text text;
};

/// Why a value is undefined: what an error says that a use of it runs into.
enum class Absence : std::uint8_t {
  missing,  // no such variable, attribute or item
  unsafe,   // an attribute that exists in Python but that the sandbox does not give out
  clock,    // strftime_now, for want of a date
};

struct UndefinedObject : Object {
  std::string message;  // "'dict object' has no attribute 'x'"
  Absence absence = Absence::missing;
};

/// A list or a tuple.
struct ListObject : Object {
  std::vector<Value> items;
  bool content = false;
  bool group = false;  // a tuple of the filter `groupby`: .grouper and .list
};

struct DictObject : Object {
  std::vector<std::pair<Value, Value>> entries;
  std::vector<std::uint32_t> order;  // entries sorted by key, for look-ups
  bool content = false;
};

struct RangeObject : Object {
  std::int64_t start = 0, stop = 0, step = 1;
  std::int64_t length = 0;
};

/// What `map`, `select` and `reverse` return: it can be walked once.
struct IteratorObject : Object {
  std::vector<Value> items;
  std::size_t position = 0;
  std::exception_ptr failure;  // of the item after the last: Python's generators fail where they are walked
  const char* type_name = "generator";
};

enum class ViewKind : std::uint8_t { keys, values, items };

/// dict.keys(), dict.values(), dict.items()
struct ViewObject : Object {
  Value dict;
  ViewKind view = ViewKind::keys;
};

struct NamespaceObject : Object {
  std::vector<std::pair<std::string, Value>> attributes;
};

struct Function;
struct Frame;

/// A macro, or the body of a call block, with the frame that it was made in.
struct MacroObject : Object {
  const Function* function = nullptr;
  Frame* frame = nullptr;
};

/// The variable `loop` and the walk itself. Items behind a test ("for x in y if z") are tested when they are reached.
struct LoopObject : Object {
  std::vector<Value> items;
  std::size_t position = 0;
  bool sized = true;  // false for what Python cannot tell the length of beforehand
  std::function<bool(const Value&)> test;
  std::optional<Value> after;  // the item that was looked at ahead of time
  Value current, before;
  std::int64_t index0 = -1;
  std::int64_t depth0 = 0;
  std::optional<std::int64_t> length;
  std::optional<std::vector<Value>> last_changed;
  const Function* recurse = nullptr;
  Frame* frame = nullptr;
};

struct MethodEntry;

struct MethodObject : Object {
  Value self;
  const MethodEntry* entry = nullptr;
};

struct CyclerObject : Object {
  std::vector<Value> items;
  std::size_t position = 0;
};

struct JoinerObject : Object {
  Value separator;
  bool used = false;
};

inline const Text& text_of(const Value& value) { return value.as<TextObject>().text; }
inline const std::vector<Value>& items_of(const Value& value) { return value.as<ListObject>().items; }
inline const DictObject& dict_of(const Value& value) { return value.as<DictObject>(); }

inline bool is_sequence(const Value& value) { return value.is(Kind::list) || value.is(Kind::tuple); }
/// Booleans are integers, as in Python.
inline bool is_integer(const Value& value) { return value.is(Kind::integer) || value.is(Kind::boolean); }
inline bool is_numeric(const Value& value) { return is_integer(value) || value.is(Kind::number); }
inline std::uint32_t depth_of(const Value& value) { return value.object_pointer() ? value.object_pointer()->depth : 0; }

/// Position of the key in `dict.entries`, if it is there. `key` is anything that `is_key` accepts.
std::optional<std::size_t> find_key(const DictObject& dict, const Value& key);
std::optional<std::size_t> find_key(const DictObject& dict, std::string_view key);
/// Sorts out equal keys (the later value in the earlier place) and builds the order. Charges nothing.
std::shared_ptr<DictObject> make_dict(std::vector<std::pair<Value, Value>> entries, Provenance provenance);

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
