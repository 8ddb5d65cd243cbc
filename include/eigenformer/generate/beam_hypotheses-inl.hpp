#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/generate/beam_hypotheses.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE void BeamHypotheses::add(Hypothesis hypothesis) {
  const auto is_better = [](const Hypothesis& left, const Hypothesis& right) { return left.score > right.score; };
  best_.insert(std::upper_bound(best_.begin(), best_.end(), hypothesis, is_better), std::move(hypothesis));
  if (best_.size() > capacity_) best_.pop_back();
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
