// The operators of expressions, as Python has them.
#pragma once

#include "eigenformer/chat/template/runtime.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

enum class Operator : std::uint8_t {
  add,
  subtract,
  multiply,
  divide,
  floor_divide,
  modulo,
  power,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  not_in,
};

/// `left op right` of the arithmetic operators.
Value apply(Runtime& runtime, Operator op, const Value& left, const Value& right);
/// `left op right` of the comparing operators.
bool compare(Runtime& runtime, Operator op, const Value& left, const Value& right);
/// -value
Value negate(Runtime& runtime, const Value& value);
/// +value
Value keep_sign(Runtime& runtime, const Value& value);
/// int(value) of a number: what stands before the point.
Value truncated(Runtime& runtime, const Value& value);

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
