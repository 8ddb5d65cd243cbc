// From options to the list of processors, in transformers' order.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/logits_processor.hpp"
#include "eigenformer/model_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// What processors go by besides the options.
struct ProcessorSurroundings {
  std::size_t prompt_tokens = 0;
  std::size_t length = 0;                    ///< tokens, the prompt's included, after which the text ends
  std::span<const TokenId> end_tokens = {};  ///< those that end it
  std::size_t least_kept = 1;                ///< tokens that a filter keeps at least
};

/// The processors of the options, which have been checked, in two parts.
struct ProcessorParts {
  LogitsProcessors rules = {};    ///< penalties, bans, lengths, forced tokens, then the host's own
  LogitsProcessors filters = {};  ///< temperature and filters, where tokens are drawn; renormalization
};

/// The order of https://github.com/huggingface/transformers/blob/v5.0.0/src/transformers/generation/utils.py
/// (_get_logits_processor). What it does not have: count penalties, biases and DRY stand behind its rules; top-n-sigma
/// behind the temperature, for it goes by all scores; XTC behind all filters, for it is to spare what they keep.
ProcessorParts make_processors(const GenerateOptions& options, const ModelState& model,
                               const ProcessorSurroundings& surroundings);

/// Whether the quick path of Sampler knows all the filters of these options.
bool has_quick_filters(const GenerateOptions& options);

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/make_processors-inl.hpp"
#endif
