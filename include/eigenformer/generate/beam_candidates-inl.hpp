#pragma once

#include <algorithm>
#include <limits>

#include "eigenformer/core/math.hpp"
#include "eigenformer/generate/beam_candidates.hpp"
#include "eigenformer/generate/largest_score.hpp"
#include "eigenformer/ops/log_softmax.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace beam_candidates_detail {

inline constexpr float k_never = -std::numeric_limits<float>::infinity();
/// Scores of which the largest is looked at first: most often none of them is among the best.
inline constexpr std::size_t k_part = 256;

/// A candidate's index and e^(score - the largest score).
struct Weighed {
  std::size_t index;
  double weight;
};

inline std::vector<Weighed> weigh(std::span<const float> scores) {
  const float largest = *std::max_element(scores.begin(), scores.end());
  std::vector<Weighed> weighed;
  for (std::size_t index = 0; index < scores.size(); ++index) {
    if (scores[index] == k_never) continue;
    const double weight = exponential(static_cast<double>(scores[index]) - static_cast<double>(largest));
    if (weight > 0) weighed.push_back({index, weight});
  }
  return weighed;
}

/// Takes one out by its weight, where the weights lie side by side and `number` is in [0, 1).
inline std::size_t take(std::vector<Weighed>& weighed, double number) {
  double total = 0;
  for (const Weighed& each : weighed) total += each.weight;
  const double place = number * total;
  double end = 0;
  const auto is_there = [&](const Weighed& each) { return place < (end += each.weight); };
  auto drawn = std::find_if(weighed.begin(), weighed.end(), is_there);
  if (drawn == weighed.end()) --drawn;  // rounding
  const std::size_t index = drawn->index;
  weighed.erase(drawn);
  return index;
}

}  // namespace beam_candidates_detail

EIGENFORMER_INLINE bool goes_before(const BeamCandidate& left, const BeamCandidate& right) noexcept {
  if (left.score != right.score) return left.score > right.score;
  return left.beam != right.beam ? left.beam < right.beam : left.token < right.token;
}

EIGENFORMER_INLINE void log_softmax(const kernels::KernelTable& kernels, std::span<const float> logits,
                                    std::span<float> scores) noexcept {
  const ops::LogSoftmax log_probability(kernels, logits);
  for (std::size_t id = 0; id < logits.size(); ++id) scores[id] = static_cast<float>(log_probability(logits[id]));
}

EIGENFORMER_INLINE std::vector<BeamCandidate> best_candidates(const BeamScores& scores, std::size_t count) {
  std::vector<BeamCandidate> best;  // a heap with the worst of them in front
  const auto goes_in = [&](float score) {
    return best.size() < count ? score != beam_candidates_detail::k_never : score > best.front().score;
  };
  const std::size_t size = scores.values.size();
  for (std::size_t first = 0; first < size; first += beam_candidates_detail::k_part) {
    const std::size_t end = std::min(first + beam_candidates_detail::k_part, size);
    if (!goes_in(largest_score(scores.values.subspan(first, end - first)))) continue;
    for (std::size_t index = first; index < end; ++index) {
      if (!goes_in(scores.values[index])) continue;
      if (best.size() == count) {
        std::pop_heap(best.begin(), best.end(), goes_before);
        best.pop_back();
      }
      best.push_back(scores.at(index));
      std::push_heap(best.begin(), best.end(), goes_before);
    }
  }
  std::sort_heap(best.begin(), best.end(), goes_before);
  return best;
}

EIGENFORMER_INLINE std::vector<BeamCandidate> drawn_candidates(const BeamScores& scores, std::size_t count, Draw draw) {
  std::vector<beam_candidates_detail::Weighed> left = beam_candidates_detail::weigh(scores.values);
  std::vector<BeamCandidate> drawn;
  for (draw.attempt = 0; drawn.size() < count && !left.empty(); ++draw.attempt) {
    drawn.push_back(scores.at(beam_candidates_detail::take(left, uniform(draw))));
  }
  return drawn;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
