#pragma once

#include <algorithm>

#include "eigenformer/generate/prompt_lookup.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE std::span<const TokenId> look_up(std::span<const TokenId> ids, const PromptLookupOptions& options) {
  if (ids.size() < 2) return {};
  for (std::size_t size = std::min(options.max_matching_ngram, ids.size() - 1); size > 0; --size) {
    const std::span<const TokenId> wanted = ids.last(size);
    const std::span<const TokenId> searched = ids.first(ids.size() - 1);  // something has to follow
    const auto found = std::search(searched.begin(), searched.end(), wanted.begin(), wanted.end());
    if (found == searched.end()) continue;
    const std::size_t first = static_cast<std::size_t>(found - searched.begin()) + size;
    return ids.subspan(first, std::min(options.tokens, ids.size() - first));
  }
  return {};
}

EIGENFORMER_INLINE std::vector<TokenId> PromptLookup::draft(const Continuation& continuation, std::size_t most) {
  const std::span<const TokenId> found = look_up(continuation.sequence().ids, options_);
  const std::span<const TokenId> fitting = found.first(std::min(found.size(), most));
  const auto end =
      std::find_if(fitting.begin(), fitting.end(), [&](TokenId token) { return continuation.is_end_token(token); });
  return {fitting.begin(), end};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
