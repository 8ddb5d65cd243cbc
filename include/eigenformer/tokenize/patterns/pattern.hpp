// What splits a text: a scanner, a literal, a class of characters, a regular expression.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// A part of a text, in bytes, and whether the pattern matched it.
struct PatternPart {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool matched = false;
};

class Pattern {
 public:
  virtual ~Pattern() = default;
  /// Appends parts that cover the text, in order; what lies between two matches is a part too. The text is well-formed
  /// and not empty. Time is linear in its length.
  virtual void find(std::string_view text, std::vector<PatternPart>& parts) const = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
