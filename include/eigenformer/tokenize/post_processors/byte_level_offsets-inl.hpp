#pragma once

#include <cstddef>

#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/post_processors/byte_level_offsets.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace byte_level_offsets_detail {

inline std::size_t forward(std::string_view text, std::size_t begin, std::size_t end, std::uint32_t characters) {
  for (; characters > 0 && begin < end; --characters) begin += character_at(text, begin).bytes;
  return begin;
}

/// Unchanged where the text has fewer characters before `end`.
inline std::size_t backward(std::string_view text, std::size_t begin, std::size_t end, std::uint32_t characters) {
  std::size_t moved = end;
  for (std::uint32_t k = 0; k < characters; ++k) {
    if (moved == 0) return end;
    moved = previous_character(text, moved);
  }
  return moved < begin ? begin : moved;
}

}  // namespace byte_level_offsets_detail

EIGENFORMER_INLINE void ByteLevelOffsets::trim(const TokenWindow& window) const {
  for (std::size_t k = 0; k < window.spans.size(); ++k) {
    ByteSpan& span = window.spans[k];
    EdgeSpaces edges = window.edges[k];
    const bool first = k == 0 || span.begin == 0;
    if (first && options_.add_prefix_space && edges.leading == 1) edges.leading = 0;
    span.begin = byte_level_offsets_detail::forward(window.text, span.begin, span.end, edges.leading);
    span.end = byte_level_offsets_detail::backward(window.text, span.begin, span.end, edges.trailing);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
