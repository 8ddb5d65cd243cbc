#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "eigenformer/core/philox.hpp"
#include "eigenformer/generate/processors/score_filters.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE void TopNSigma::keep(const ProcessedText& /*text*/, std::vector<Candidate>& candidates) const {
  const auto count = static_cast<double>(candidates.size());
  double sum = 0;
  float largest = candidates[0].score;
  for (const Candidate& one : candidates) {
    sum += static_cast<double>(one.score);
    largest = std::max(largest, one.score);
  }
  const double mean = sum / count;
  double squares = 0;
  for (const Candidate& one : candidates) {
    const double difference = static_cast<double>(one.score) - mean;
    squares += difference * difference;
  }
  const double border = static_cast<double>(largest) - n_ * std::sqrt(squares / count);
  std::erase_if(candidates, [=](const Candidate& one) { return static_cast<double>(one.score) < border; });
}

EIGENFORMER_INLINE void ExcludeTopChoices::keep(const ProcessedText& text, std::vector<Candidate>& candidates) const {
  const double drawn = uniform({.seed = seed_,
                                .sequence = text.sequence,
                                .position = static_cast<std::uint32_t>(text.ids.size()),
                                .purpose = DrawPurpose::exclusion,
                                .attempt = text.attempt});
  if (drawn >= options_.probability) return;
  order_likeliest(candidates, candidates.size());
  const double least_weight = options_.threshold * total_weight(candidates);
  const auto unlikely =
      std::ranges::find_if(candidates, [=](const Candidate& one) { return one.weight < least_weight; });
  if (unlikely - candidates.begin() > 1) candidates.erase(candidates.begin(), unlikely - 1);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
