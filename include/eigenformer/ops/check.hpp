// The sizes of an operation's operands, checked at its boundary.
#pragma once

#include <string>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/shape.hpp"
#include "eigenformer/error.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

/// Throws ShapeError "shape.operand" unless `found` is `expected`. `operand` is the operation and its operand:
/// "rms_norm, weight".
inline void require_shape(const char* operand, const Shape& expected, const Shape& found) {
  if (expected == found) return;
  throw ShapeError({.id = "shape.operand",
                    .expected = shape_text(expected),
                    .found = shape_text(found),
                    .where = operand,
                    .remedy = "pass operands whose sizes fit together"});
}

/// [rows, columns] of a view.
template <class View>
Shape shape_of(const View& view) {
  return {view.rows(), view.cols()};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops
