#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <vector>

#include "eigenformer/core/math.hpp"
#include "eigenformer/generate/processors/dry.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace dry_detail {

/// For each end of the text's beginnings, how many tokens before it are those at the whole text's end, in that order:
/// the Z function of the reversed text, in time that grows with its length alone.
/// D. Gusfield, "Algorithms on Strings, Trees, and Sequences" (1997), section 1.4.
inline std::vector<std::size_t> repeated_lengths(std::span<const TokenId> text) {
  const std::size_t size = text.size();
  const auto reversed = [&](std::size_t index) { return text[size - 1 - index]; };
  std::vector<std::size_t> lengths(size, 0);  // [index of the reversed text]
  std::size_t begin = 0;
  std::size_t end = 0;  // the match that reaches farthest
  for (std::size_t index = 1; index < size; ++index) {
    std::size_t length = index < end ? std::min(end - index, lengths[index - begin]) : 0;
    while (index + length < size && reversed(length) == reversed(index + length)) ++length;
    lengths[index] = length;
    if (index + length > end) {
      begin = index;
      end = index + length;
    }
  }
  std::ranges::reverse(lengths);
  return lengths;
}

}  // namespace dry_detail

EIGENFORMER_INLINE bool DontRepeatYourself::is_breaker(TokenId token) const {
  return std::ranges::find(options_.breakers, token) != options_.breakers.end();
}

EIGENFORMER_INLINE void DontRepeatYourself::process(const ProcessedText& text, std::span<float> scores) const {
  const std::size_t seen = options_.range == 0 ? text.ids.size() : std::min(options_.range, text.ids.size());
  const std::span<const TokenId> ids = text.ids.last(seen);
  std::size_t unbroken = 0;  // tokens at the end without a breaker
  while (unbroken < seen && !is_breaker(ids[seen - 1 - unbroken])) ++unbroken;
  if (unbroken < options_.allowed_length) return;
  const std::vector<std::size_t> repeated = dry_detail::repeated_lengths(ids);
  std::map<TokenId, std::size_t> longest;
  for (std::size_t index = 0; index + 1 < seen; ++index) {
    const std::size_t length = std::min(repeated[index], unbroken);
    if (length < options_.allowed_length || is_breaker(ids[index + 1])) continue;
    std::size_t& known = longest[ids[index + 1]];
    known = std::max(known, length);
  }
  constexpr double k_most = 1e30;  // a score stays finite: a token that is forced may still come
  for (const auto& [token, length] : longest) {
    const double power_of_base = power(options_.base, static_cast<double>(length - options_.allowed_length));
    const double penalty = std::min(options_.multiplier * power_of_base, k_most);
    scores[static_cast<std::size_t>(token)] -= static_cast<float>(penalty);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
