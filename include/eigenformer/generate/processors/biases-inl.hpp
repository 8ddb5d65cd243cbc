#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include "eigenformer/generate/processors/biases.hpp"
#include "eigenformer/generate/processors/token_sets.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace biases_detail {

inline bool completes(std::span<const TokenId> text, std::span<const TokenId> sequence) {
  const std::span<const TokenId> beginning = sequence.first(sequence.size() - 1);
  return beginning.size() <= text.size() && std::ranges::equal(beginning, text.last(beginning.size()));
}

/// Single tokens first, then those of one length together, lengths as they first come: sums of f32 depend on the order.
inline void order_as_transformers(std::vector<TokenBias>& sequences) {
  std::map<std::size_t, std::size_t> places = {{1, 0}};
  for (const TokenBias& sequence : sequences) places.emplace(sequence.ids.size(), places.size());
  std::ranges::stable_sort(sequences, {}, [&](const TokenBias& one) { return places.at(one.ids.size()); });
}

}  // namespace biases_detail

EIGENFORMER_INLINE SequenceBias::SequenceBias(std::vector<TokenBias> sequences) {
  std::map<std::vector<TokenId>, std::size_t> places;
  for (TokenBias& sequence : sequences) {
    const auto [place, is_new] = places.emplace(sequence.ids, sequences_.size());
    if (is_new) {
      sequences_.push_back(std::move(sequence));
    } else {
      sequences_[place->second].bias = sequence.bias;
    }
  }
  biases_detail::order_as_transformers(sequences_);
}

EIGENFORMER_INLINE void SequenceBias::process(const ProcessedText& text, std::span<float> scores) const {
  std::map<TokenId, float> sums;
  for (const TokenBias& sequence : sequences_) {
    if (biases_detail::completes(text.ids, sequence.ids))
      sums[sequence.ids.back()] += static_cast<float>(sequence.bias);
  }
  for (const auto& [token, bias] : sums) scores[static_cast<std::size_t>(token)] += bias;
}

EIGENFORMER_INLINE void SuppressTokens::process(const ProcessedText& /*text*/, std::span<float> scores) const {
  forbid(tokens_, scores);
}

EIGENFORMER_INLINE void NoBannedTokens::process(const ProcessedText& text, std::span<float> scores) const {
  forbid(text.banned_tokens, scores);
}

EIGENFORMER_INLINE void SuppressTokensAtPlace::process(const ProcessedText& text, std::span<float> scores) const {
  if (text.ids.size() == place_) forbid(tokens_, scores);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
