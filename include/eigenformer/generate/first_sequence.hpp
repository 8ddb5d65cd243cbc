// What a request begins with.
#pragma once

#include <span>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/sequence.hpp"
#include "eigenformer/model_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// Of a decoder: the prompt. Of an encoder-decoder: its start token and GenerateOptions::decoder_prompt, with the
/// prompt as the source. Options and prompt have been checked. Throws UsageError "usage.decoder_start" where nobody
/// says what a decoder begins with.
Sequence first_sequence(const ModelState& model, std::span<const TokenId> prompt, const GenerateOptions& options);

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/first_sequence-inl.hpp"
#endif
