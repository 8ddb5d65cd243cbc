// What stands behind a dot or in brackets: attributes, items and slices, in the order in which Jinja looks for them.
#pragma once

#include <optional>

#include "eigenformer/chat/template/runtime.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

/// `value.name`: first what Python's type has (methods, `loop.index`), then the item. Undefined where there is neither.
Value get_attribute(Runtime& runtime, const Value& value, std::string_view name);
/// `value[key]`: first the item, then, for a text as key, what Python's type has. Undefined where there is neither.
Value get_item(Runtime& runtime, const Value& value, const Value& key);

struct SliceBounds {
  Value start, stop, step;  // none where left out
};

/// `value[start:stop:step]` of a text, list, tuple or range.
Value get_slice(Runtime& runtime, const Value& value, const SliceBounds& bounds);

/// The next item of a loop, or none at its end.
std::optional<Value> loop_next(LoopObject& loop);
/// loop.length
std::int64_t loop_length(LoopObject& loop);

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
