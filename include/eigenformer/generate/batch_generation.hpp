// One request alone: its prompt is computed once, then its sequences side by side.
#pragma once

#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/decoding_plan.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// What `generate` does once options and prompt are checked.
std::vector<GeneratedSequence> generate_batch(const Model& model, std::span<const TokenId> prompt,
                                              const GenerateOptions& options);

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/batch_generation-inl.hpp"
#endif
