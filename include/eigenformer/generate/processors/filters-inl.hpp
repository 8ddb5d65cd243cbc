#pragma once

#include <algorithm>
#include <limits>

#include "eigenformer/core/math.hpp"
#include "eigenformer/generate/processors/filters.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE void Temperature::process(const ProcessedText& /*text*/, std::span<float> scores) const {
  apply_temperature(scores, temperature_);
}

EIGENFORMER_INLINE void Filter::process(const ProcessedText& text, std::span<float> scores) const {
  constexpr float k_never = -std::numeric_limits<float>::infinity();
  std::vector<Candidate> candidates;
  collect_candidates(scores, k_never, candidates);
  if (candidates.empty()) return;  // whoever chooses finds that none is left
  keep(text, candidates);
  std::ranges::fill(scores, k_never);
  for (const Candidate& candidate : candidates) scores[static_cast<std::size_t>(candidate.id)] = candidate.score;
}

EIGENFORMER_INLINE void TopK::process(const ProcessedText& /*text*/, std::span<float> scores) const {
  std::vector<float> largest;
  const float threshold = top_k_threshold(scores, k_, largest);
  for (float& score : scores) score = score < threshold ? -std::numeric_limits<float>::infinity() : score;
}

EIGENFORMER_INLINE void LogSoftmax::process(const ProcessedText& /*text*/, std::span<float> scores) const {
  const auto largest = static_cast<double>(*std::ranges::max_element(scores));
  double total = 0;
  for (const float score : scores) total += exponential(static_cast<double>(score) - largest);
  const double normalizer = largest + logarithm(total);
  for (float& score : scores) score = static_cast<float>(static_cast<double>(score) - normalizer);
}

EIGENFORMER_INLINE void TopP::keep(const ProcessedText& /*text*/, std::vector<Candidate>& candidates) const {
  keep_top_p(candidates, options_.threshold, options_.least);
}

EIGENFORMER_INLINE void MinP::keep(const ProcessedText& /*text*/, std::vector<Candidate>& candidates) const {
  keep_min_p(candidates, options_.threshold, options_.least);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
