#pragma once

#include <algorithm>
#include <limits>

#include "eigenformer/generate/processors/lengths.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE void ForcedTokens::process(const ProcessedText& text, std::span<float> scores) const {
  if (text.ids.size() != place_) return;
  std::ranges::fill(scores, -std::numeric_limits<float>::infinity());
  for (const TokenId token : tokens_) scores[static_cast<std::size_t>(token)] = 0;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
