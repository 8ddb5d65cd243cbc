#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "eigenformer/tokenize/pre_tokenizers/split.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace split_detail {

/// Joins neighbours: `joins(previous, next)` says whether `next` goes to the one before it.
template <class Joins>
void join(std::vector<PatternPart>& parts, Joins joins) {
  std::size_t kept = 0;
  bool previous = false;
  for (const PatternPart& part : parts) {
    if (kept > 0 && joins(previous, part.matched)) {
      parts[kept - 1].begin = std::min(parts[kept - 1].begin, part.begin);
      parts[kept - 1].end = std::max(parts[kept - 1].end, part.end);
    } else {
      parts[kept++] = part;
    }
    previous = part.matched;
  }
  parts.resize(kept);
}

inline void apply(std::vector<PatternPart>& parts, SplitBehavior behavior) {
  const auto delimiter_after_text = [](bool previous, bool next) { return next && !previous; };
  switch (behavior) {
    case SplitBehavior::isolated: return;
    case SplitBehavior::removed: std::erase_if(parts, [](const PatternPart& part) { return part.matched; }); return;
    case SplitBehavior::contiguous: join(parts, [](bool previous, bool next) { return previous == next; }); return;
    case SplitBehavior::merged_with_previous: join(parts, delimiter_after_text); return;
    case SplitBehavior::merged_with_next:
      std::reverse(parts.begin(), parts.end());
      join(parts, delimiter_after_text);
      std::reverse(parts.begin(), parts.end());
      return;
  }
}

}  // namespace split_detail

EIGENFORMER_INLINE void split_pieces(PreTokenizedText& text, const Pattern& pattern, SplitBehavior behavior,
                                     SplitAt delimiters) {
  std::vector<Piece> pieces;
  pieces.reserve(text.pieces.size());
  std::vector<PatternPart> parts;
  for (const Piece& piece : text.pieces) {
    parts.clear();
    pattern.find(text.piece(piece), parts);
    if (delimiters == SplitAt::gaps) {
      for (PatternPart& part : parts) part.matched = !part.matched;
    }
    split_detail::apply(parts, behavior);
    for (const PatternPart& part : parts) {
      if (part.begin < part.end) pieces.push_back({piece.begin + part.begin, piece.begin + part.end});
    }
  }
  text.pieces = std::move(pieces);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
