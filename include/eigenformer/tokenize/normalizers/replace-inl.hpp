#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "eigenformer/tokenize/normalizers/replace.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE void Replace::normalize(AlignedText& text) const {
  const std::string_view old = text.text();
  std::vector<ByteSpan> found;
  for (std::size_t k = old.find(texts_.sought); k != std::string_view::npos;) {
    found.push_back({k, k + texts_.sought.size()});
    k = old.find(texts_.sought, found.back().end);
  }
  text.replace(found, texts_.instead);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
