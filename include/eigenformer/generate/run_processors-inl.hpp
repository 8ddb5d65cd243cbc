#pragma once

#include <algorithm>
#include <limits>

#include "eigenformer/error.hpp"
#include "eigenformer/generate/run_processors.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE void run_processors(const LogitsProcessors& processors, const ProcessedText& text,
                                       std::span<float> scores) {
  if (processors.empty()) return;
  for (const auto& processor : processors) processor->process(text, scores);
  constexpr float k_most = std::numeric_limits<float>::max();
  const auto odd = std::find_if_not(scores.begin(), scores.end(), [](float score) { return score <= k_most; });
  if (odd == scores.end()) return;
  throw UsageError({.id = "usage.processor_scores",
                    .expected = "processors that make scores finite or minus infinity",
                    .found = *odd > 0 ? "infinity" : "not a number",
                    .where = "processors",
                    .remedy = "correct the host's own processor, or lower the biases and penalties"});
}

EIGENFORMER_INLINE void refuse_no_token_left() {
  throw UsageError({.id = "usage.no_token_left",
                    .expected = "options that leave at least one token",
                    .found = "some that forbid every token of the vocabulary",
                    .where = "processors",
                    .remedy = "forbid fewer: bad words, suppressed tokens, least lengths and a host's own processors "
                              "count together"});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
