// Equality, order and membership as Python has them.
#pragma once

#include <compare>

#include "eigenformer/chat/template/runtime.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

/// Exact, also between integers and numbers.
std::partial_ordering compare_numbers(const Value& left, const Value& right);
/// `left == right`. Charges for what it reads.
bool equal(Runtime& runtime, const Value& left, const Value& right);
/// `left < right`; an error for values that have no order. `symbol` is the operator, for the error.
bool less(Runtime& runtime, const Value& left, const Value& right, std::string_view symbol = "<");
/// `item in container`
bool contains(Runtime& runtime, const Value& container, const Value& item);
/// `left is right`: the same object, or equal scalars that Python keeps one of.
bool same(const Value& left, const Value& right);

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
