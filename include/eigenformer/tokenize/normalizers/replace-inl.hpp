#pragma once

#include <vector>

#include "eigenformer/tokenize/normalizers/replace.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE void Replace::normalize(AlignedText& text) const {
  if (text.text().empty()) return;
  std::vector<PatternPart> parts;
  sought_->find(text.text(), parts);
  std::vector<ByteSpan> matches;
  for (const PatternPart& part : parts) {
    if (part.matched) matches.push_back({part.begin, part.end});
  }
  text.replace(matches, instead_);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
