#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "eigenformer/generate/processors/penalties.hpp"
#include "eigenformer/generate/processors/token_sets.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace penalties_detail {

/// Once for each token of `ids`, however often it stands there: all are read before the first is written.
inline void penalize(std::span<const TokenId> ids, float penalty, std::span<float> scores) {
  std::vector<float> penalized;
  penalized.reserve(ids.size());
  for (const TokenId id : ids) {
    const auto index = static_cast<std::size_t>(id);
    const float score = index < scores.size() ? scores[index] : 0;  // a source may have a vocabulary of its own
    penalized.push_back(score < 0 ? score * penalty : score / penalty);
  }
  for (std::size_t index = 0; index < ids.size(); ++index) {
    const auto id = static_cast<std::size_t>(ids[index]);
    if (id < scores.size()) scores[id] = penalized[index];
  }
}

}  // namespace penalties_detail

EIGENFORMER_INLINE void RepetitionPenalty::process(const ProcessedText& text, std::span<float> scores) const {
  penalties_detail::penalize(text.ids, penalty_, scores);
}

EIGENFORMER_INLINE void SourceRepetitionPenalty::process(const ProcessedText& text, std::span<float> scores) const {
  penalties_detail::penalize(source_of(text), inverse_, scores);
}

EIGENFORMER_INLINE void CountPenalty::process(const ProcessedText& text, std::span<float> scores) const {
  std::map<TokenId, std::size_t> counts;
  for (const TokenId id : text.ids.subspan(text.prompt_tokens)) ++counts[id];
  for (const auto& [id, count] : counts) {
    const double penalty = options_.presence + static_cast<double>(count) * options_.frequency;
    scores[static_cast<std::size_t>(id)] -= static_cast<float>(penalty);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
