// The best texts of a search that have ended.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

struct Hypothesis {
  std::vector<TokenId> ids;  ///< new tokens, an end token included
  double score = 0;          ///< with the length penalty
  FinishReason reason = FinishReason::length;
};

/// Keeps the best `capacity` (1 or more) of those that it is given; of equal ones the earlier.
class BeamHypotheses {
 public:
  explicit BeamHypotheses(std::size_t capacity) : capacity_(capacity) {}

  void add(Hypothesis hypothesis);
  bool full() const noexcept { return best_.size() == capacity_; }
  /// The lowest score; only where there is one.
  double worst_score() const noexcept { return best_.back().score; }
  /// Best first.
  std::span<const Hypothesis> best() const noexcept { return best_; }

 private:
  std::size_t capacity_;
  std::vector<Hypothesis> best_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/beam_hypotheses-inl.hpp"
#endif
