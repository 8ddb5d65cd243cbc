#pragma once

#include "eigenformer/generate/processors/diversity.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE void HammingDiversity::process(const ProcessedText& text, std::span<float> scores) const {
  for (const TokenId token : text.earlier_group_tokens) scores[static_cast<std::size_t>(token)] -= penalty_;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
