// Sizes of a tensor, outermost first, as PyTorch writes them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

using Shape = std::vector<std::int64_t>;

/// "[2, 3, 4]", for messages.
inline std::string shape_text(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  return text + "]";
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
