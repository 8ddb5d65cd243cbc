// From checked options to a strand.
#pragma once

#include <cstddef>
#include <span>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/sequence.hpp"
#include "eigenformer/generate/strand.hpp"
#include "eigenformer/model_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// What is to be continued.
struct StrandStart {
  Sequence sequence;                ///< holds the prompt
  std::span<const TokenId> prompt;  ///< the same; of an encoder-decoder: the source
  std::size_t context_length = 0;   ///< tokens that there is room for
  bool wants_score = false;         ///< whether the choices' probabilities are added up
};

/// Options and prompt have been checked. Writes text where there is a tokenizer. Throws UsageError
/// "usage.prompt_too_long", "usage.max_length", TokenizerError for stop or banned strings without a tokenizer.
Strand make_strand(const Model& model, StrandStart start, const GenerateOptions& options);

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/make_strand-inl.hpp"
#endif
