// Walking values: what a for loop, `in`, `list` and unpacking see.
#pragma once

#include <optional>

#include "eigenformer/chat/template/runtime.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

/// Walks the items of a value one by one: items, keys of an object, characters of a text, what is left of an iterator.
/// An undefined value has none; any other kind of value is an error.
class Walk {
 public:
  Walk(Runtime& runtime, const Value& value);
  /// The next item, valid until the next call; null at the end.
  const Value* next();

 private:
  const Value* next_of_view(const ViewObject& view);

  Runtime* runtime_;
  Value value_;
  std::size_t position_ = 0;
  Value current_;
};

/// All items that are left, as a vector inside the budgets.
std::vector<Value> items_left(Runtime& runtime, const Value& value);
/// Whether a for loop can walk the value.
bool is_iterable(const Value& value);
/// len(value), where Python has it.
std::optional<std::int64_t> length_of(Runtime& runtime, const Value& value);
/// Python's truth.
bool is_true(const Value& value);
/// The integer at `index` of a range.
inline std::int64_t range_item(const RangeObject& range, std::int64_t index) {
  return range.start + index * range.step;
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
