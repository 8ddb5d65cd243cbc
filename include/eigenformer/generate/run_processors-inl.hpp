#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "eigenformer/error.hpp"
#include "eigenformer/generate/run_processors.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE void run_processors(const LogitsProcessors& processors, const ProcessedText& text,
                                       std::span<float> scores) {
  if (processors.empty()) return;
  for (const auto& processor : processors) processor->process(text, scores);
  constexpr float k_most = std::numeric_limits<float>::max();
  const auto is_odd = [](float score) { return !(score <= k_most); };
  std::uint32_t any = 0;  // without a branch a score, so that compilers use vector instructions
  for (const float score : scores) any |= static_cast<std::uint32_t>(is_odd(score));
  if (any == 0) return;
  const auto odd = std::find_if(scores.begin(), scores.end(), is_odd);
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
