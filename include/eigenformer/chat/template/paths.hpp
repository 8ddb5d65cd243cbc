// Attributes that filters take by name: "address.city", "items.0", "age,name".
#pragma once

#include <vector>

#include "eigenformer/chat/template/runtime.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

class Path {
 public:
  /// From the argument `attribute` of a filter: a text with points between names and numbers, a number, or none for the
  /// item itself.
  static Path parse(Runtime& runtime, const Value& attribute);
  /// The same for several with commas between.
  static std::vector<Path> parse_many(Runtime& runtime, const Value& attribute);

  /// What stands there; `fallback`, if it is not none, where something on the way is undefined.
  Value get(Runtime& runtime, const Value& item, const Value& fallback = {}) const;

 private:
  std::vector<Value> keys_;
};

/// Texts in lower case, unless the case counts.
Value ignoring_case(Runtime& runtime, const Value& value, bool case_counts);

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
