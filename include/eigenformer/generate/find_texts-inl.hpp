#pragma once

#include <algorithm>

#include "eigenformer/generate/find_texts.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE std::optional<ByteSpan> first_complete(std::string_view text, std::span<const std::string> sought) {
  std::optional<ByteSpan> first;
  for (const std::string& one : sought) {
    const std::size_t begin = text.find(one);
    if (begin == std::string_view::npos) continue;
    const ByteSpan found{begin, begin + one.size()};
    if (!first || found.end < first->end || (found.end == first->end && found.begin < first->begin)) first = found;
  }
  return first;
}

EIGENFORMER_INLINE std::size_t undecided_bytes(std::string_view text, std::span<const std::string> sought) {
  std::size_t most = 0;
  for (const std::string& one : sought) {
    for (std::size_t size = std::min(one.size() - 1, text.size()); size > most; --size) {
      if (text.ends_with(std::string_view(one).substr(0, size))) most = size;
    }
  }
  return most;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
