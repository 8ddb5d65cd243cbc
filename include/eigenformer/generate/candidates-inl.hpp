#pragma once

#include <algorithm>
#include <functional>
#include <limits>

#include "eigenformer/core/math.hpp"
#include "eigenformer/generate/candidates.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace candidates_detail {

/// Likelier first; of equal ones the lower id.
inline bool goes_before(const Candidate& left, const Candidate& right) noexcept {
  return left.score != right.score ? left.score > right.score : left.id < right.id;
}

/// How many candidates are put in order first: most often more than top-p keeps.
inline constexpr std::size_t k_first_ordered = 64;

/// Erases what `is_unlikely`, but for the `least` likeliest.
template <class Predicate>
void erase_unless_likely(std::vector<Candidate>& candidates, std::size_t least, const Predicate& is_unlikely) {
  least = std::min(least, candidates.size());
  if (least > 1) order_likeliest(candidates, least);  // the one likeliest is never unlikely
  const auto first = candidates.begin() + static_cast<std::ptrdiff_t>(least > 1 ? least : 0);
  candidates.erase(std::remove_if(first, candidates.end(), is_unlikely), candidates.end());
}

}  // namespace candidates_detail

EIGENFORMER_INLINE void apply_temperature(std::span<float> scores, float temperature) noexcept {
  for (float& score : scores) score /= temperature;
}

EIGENFORMER_INLINE float top_k_threshold(std::span<const float> scores, std::size_t k, std::vector<float>& largest) {
  if (k == 0 || k >= scores.size()) return -std::numeric_limits<float>::infinity();
  largest.resize(k);
  std::partial_sort_copy(scores.begin(), scores.end(), largest.begin(), largest.end(), std::greater<>());
  return largest.back();
}

EIGENFORMER_INLINE void collect_candidates(std::span<const float> scores, float threshold,
                                           std::vector<Candidate>& candidates) {
  constexpr float k_never = -std::numeric_limits<float>::infinity();
  candidates.clear();
  float largest = k_never;
  for (std::size_t id = 0; id < scores.size(); ++id) {
    if (scores[id] < threshold || scores[id] == k_never) continue;
    candidates.push_back({static_cast<TokenId>(id), scores[id], 0});
    largest = std::max(largest, scores[id]);
  }
  for (Candidate& candidate : candidates) {
    candidate.weight = exponential(static_cast<double>(candidate.score) - static_cast<double>(largest));
  }
}

EIGENFORMER_INLINE void keep_top_p(std::vector<Candidate>& candidates, double p, std::size_t least) {
  // In order from the likeliest on, a token stays while those before it have less than p together: the same as dropping
  // from the other end, but only what stays has to be put in order.
  const double enough = p * total_weight(candidates);
  std::size_t ordered = 0;
  std::size_t kept = 0;
  double before = 0;
  while (kept < candidates.size() && (kept < least || before < enough)) {
    if (kept == ordered) {
      const std::size_t wanted = std::max(8 * ordered, candidates_detail::k_first_ordered);
      const auto first = candidates.begin() + static_cast<std::ptrdiff_t>(ordered);
      ordered = std::min(candidates.size(), wanted);
      const auto middle = candidates.begin() + static_cast<std::ptrdiff_t>(ordered);
      std::partial_sort(first, middle, candidates.end(), candidates_detail::goes_before);
    }
    before += candidates[kept++].weight;
  }
  candidates.resize(kept);
}

EIGENFORMER_INLINE void keep_min_p(std::vector<Candidate>& candidates, double p, std::size_t least) {
  candidates_detail::erase_unless_likely(candidates, least, [p](const Candidate& one) { return one.weight < p; });
}

EIGENFORMER_INLINE void order_likeliest(std::vector<Candidate>& candidates, std::size_t count) {
  const auto middle = candidates.begin() + static_cast<std::ptrdiff_t>(count);
  std::ranges::partial_sort(candidates, middle, candidates_detail::goes_before);
}

EIGENFORMER_INLINE double total_weight(std::span<const Candidate> candidates) noexcept {
  double total = 0;
  for (const Candidate& candidate : candidates) total += candidate.weight;
  return total;
}

EIGENFORMER_INLINE const Candidate& candidate_at(std::span<const Candidate> candidates, double uniform) noexcept {
  const double place = uniform * total_weight(candidates);
  double end = 0;
  for (const Candidate& candidate : candidates) {
    end += candidate.weight;
    if (place < end) return candidate;
  }
  return candidates.back();
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
