#pragma once

#include <algorithm>
#include <array>

#include "eigenformer/generate/largest_score.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE float largest_score(std::span<const float> scores) noexcept {
  constexpr std::size_t k_lanes = 16;
  std::array<float, k_lanes> lanes;
  lanes.fill(scores[0]);
  const std::size_t whole = scores.size() / k_lanes * k_lanes;
  for (std::size_t first = 0; first < whole; first += k_lanes) {
    for (std::size_t lane = 0; lane < k_lanes; ++lane) {
      const float score = scores[first + lane];
      lanes[lane] = score > lanes[lane] ? score : lanes[lane];
    }
  }
  float largest = *std::max_element(lanes.begin(), lanes.end());
  for (std::size_t index = whole; index < scores.size(); ++index) largest = std::max(largest, scores[index]);
  return largest;
}

EIGENFORMER_INLINE std::size_t index_of_largest(std::span<const float> scores) noexcept {
  const float largest = largest_score(scores);
  return static_cast<std::size_t>(std::find(scores.begin(), scores.end(), largest) - scores.begin());
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
