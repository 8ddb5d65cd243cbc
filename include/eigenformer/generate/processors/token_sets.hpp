// What several processors share.
#pragma once

#include <cstddef>
#include <limits>
#include <span>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/logits_processor.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// These tokens never come.
inline void forbid(std::span<const TokenId> tokens, std::span<float> scores) noexcept {
  for (const TokenId token : tokens) scores[static_cast<std::size_t>(token)] = -std::numeric_limits<float>::infinity();
}

/// What an encoder reads; of a decoder the prompt, as transformers' generate passes it for encoder_input_ids. May have
/// ids beyond the vocabulary that is written: a source's vocabulary may be another one.
inline std::span<const TokenId> source_of(const ProcessedText& text) noexcept {
  return text.source_ids.empty() ? text.ids.first(text.prompt_tokens) : text.source_ids;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
