#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "eigenformer/core/math.hpp"
#include "eigenformer/generate/processors/entropy_filters.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace entropy_filters_detail {

/// -p ln p, which is 0 where p is too small for a number.
inline double entropy_part(double probability) { return probability > 0 ? -probability * logarithm(probability) : 0; }

/// In nats.
inline double entropy(std::span<const Candidate> candidates) {
  const double total = total_weight(candidates);
  double sum = 0;
  for (const Candidate& candidate : candidates) sum += entropy_part(candidate.weight / total);
  return sum;
}

/// Drops what is less likely than `probability`, but for what is as likely as the `least`-th.
inline void keep_likelier_than(double probability, std::size_t least, std::vector<Candidate>& candidates) {
  const double least_weight = probability * total_weight(candidates);
  order_likeliest(candidates, std::min(least, candidates.size()));
  const float border = candidates[std::min(least, candidates.size()) - 1].score;
  std::erase_if(candidates, [=](const Candidate& one) { return one.weight < least_weight && one.score < border; });
}

}  // namespace entropy_filters_detail

EIGENFORMER_INLINE void TopH::keep(const ProcessedText& /*text*/, std::vector<Candidate>& candidates) const {
  constexpr std::size_t k_most = 100;  // transformers' top_n
  const std::size_t count = std::min(k_most, candidates.size());
  order_likeliest(candidates, count);
  candidates.resize(count);
  const double total = total_weight(candidates);
  const double limit = h_ * entropy_filters_detail::entropy(candidates);
  std::size_t kept = 0;
  double sum = 0;
  while (kept < count) {
    sum += entropy_filters_detail::entropy_part(candidates[kept].weight / total);
    if (kept > 0 && sum > limit) break;
    ++kept;
  }
  candidates.resize(kept);
}

EIGENFORMER_INLINE void TypicalP::keep(const ProcessedText& /*text*/, std::vector<Candidate>& candidates) const {
  struct Typical {
    double distance;
    Candidate candidate;
  };
  const double total = total_weight(candidates);
  const double entropy = entropy_filters_detail::entropy(candidates);
  std::vector<Typical> typical;
  typical.reserve(candidates.size());
  for (const Candidate& candidate : candidates) {
    typical.push_back({std::abs(-logarithm(candidate.weight / total) - entropy), candidate});
  }
  std::ranges::stable_sort(typical, {}, &Typical::distance);
  double sum = 0;
  std::size_t last = 0;
  while (last + 1 < typical.size() && (sum += typical[last].candidate.weight) < options_.threshold * total) ++last;
  candidates.clear();
  for (std::size_t index = 0; index < typical.size(); ++index) {
    if (index >= options_.least && typical[index].distance > typical[last].distance) break;
    candidates.push_back(typical[index].candidate);
  }
}

EIGENFORMER_INLINE void EpsilonCutoff::keep(const ProcessedText& /*text*/, std::vector<Candidate>& candidates) const {
  entropy_filters_detail::keep_likelier_than(options_.threshold, options_.least, candidates);
}

EIGENFORMER_INLINE void EtaCutoff::keep(const ProcessedText& /*text*/, std::vector<Candidate>& candidates) const {
  const double by_entropy = std::sqrt(options_.threshold) * exponential(-entropy_filters_detail::entropy(candidates));
  entropy_filters_detail::keep_likelier_than(std::min(options_.threshold, by_entropy), options_.least, candidates);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
