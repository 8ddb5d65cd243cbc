#pragma once

#include <algorithm>
#include <limits>

#include "eigenformer/generate/processors/repeated_ngrams.hpp"
#include "eigenformer/generate/processors/token_sets.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace repeated_ngrams_detail {

/// Forbids what follows in `passages` wherever the last size - 1 tokens of the text stand there.
inline void forbid(std::span<const TokenId> passages, std::span<const TokenId> text, std::size_t size,
                   std::span<float> scores) {
  if (text.size() + 1 < size) return;
  const std::span<const TokenId> beginning = text.last(size - 1);
  for (std::size_t index = 0; index + size <= passages.size(); ++index) {
    const auto next = static_cast<std::size_t>(passages[index + size - 1]);
    if (next >= scores.size()) continue;  // a source may have a vocabulary of its own
    if (std::ranges::equal(passages.subspan(index, size - 1), beginning)) {
      scores[next] = -std::numeric_limits<float>::infinity();
    }
  }
}

}  // namespace repeated_ngrams_detail

EIGENFORMER_INLINE void NoRepeatedNgram::process(const ProcessedText& text, std::span<float> scores) const {
  repeated_ngrams_detail::forbid(text.ids, text.ids, size_, scores);
}

EIGENFORMER_INLINE void NoNgramOfSource::process(const ProcessedText& text, std::span<float> scores) const {
  repeated_ngrams_detail::forbid(source_of(text), text.ids, size_, scores);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
