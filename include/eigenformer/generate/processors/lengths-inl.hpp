#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "eigenformer/core/math.hpp"
#include "eigenformer/generate/processors/lengths.hpp"
#include "eigenformer/generate/processors/token_sets.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE void ForcedTokens::process(const ProcessedText& text, std::span<float> scores) const {
  if (text.ids.size() != place_) return;
  std::ranges::fill(scores, -std::numeric_limits<float>::infinity());
  for (const TokenId token : tokens_) scores[static_cast<std::size_t>(token)] = 0;
}

EIGENFORMER_INLINE void MinLength::process(const ProcessedText& text, std::span<float> scores) const {
  if (text.ids.size() < length_) forbid(ends_, scores);
}

EIGENFORMER_INLINE void ExponentialDecay::process(const ProcessedText& text, std::span<float> scores) const {
  const std::size_t start = text.prompt_tokens + decay_.start;
  if (text.ids.size() <= start) return;
  constexpr double k_most = 1e30;  // a score stays finite
  const double growth = std::min(power(decay_.factor, static_cast<double>(text.ids.size() - start)) - 1, k_most);
  for (const TokenId token : ends_) {
    float& score = scores[static_cast<std::size_t>(token)];
    if (score > -std::numeric_limits<float>::infinity()) score += std::abs(score) * static_cast<float>(growth);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
