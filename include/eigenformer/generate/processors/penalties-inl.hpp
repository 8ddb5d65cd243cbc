#pragma once

#include <cstddef>
#include <vector>

#include "eigenformer/generate/processors/penalties.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace penalties_detail {

/// Once for each token of `ids`, however often it stands there: all are read before the first is written.
inline void penalize(std::span<const TokenId> ids, float penalty, std::span<float> scores) {
  std::vector<float> penalized;
  penalized.reserve(ids.size());
  for (const TokenId id : ids) {
    const float score = scores[static_cast<std::size_t>(id)];
    penalized.push_back(score < 0 ? score * penalty : score / penalty);
  }
  for (std::size_t index = 0; index < ids.size(); ++index) {
    scores[static_cast<std::size_t>(ids[index])] = penalized[index];
  }
}

}  // namespace penalties_detail

EIGENFORMER_INLINE void RepetitionPenalty::process(const ProcessedText& text, std::span<float> scores) const {
  penalties_detail::penalize(text.ids, penalty_, scores);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
