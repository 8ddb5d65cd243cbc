// The best texts behind one prompt, by a search with beams.
#pragma once

#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/decoding_plan.hpp"
#include "eigenformer/generate/sequence.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// What `generate` does with more than one beam, once options and prompt are checked. Best first.
std::vector<GeneratedSequence> generate_beams(const Model& model, Sequence prompt, const DecodingPlan& plan,
                                              const GenerateOptions& options);

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/beam_generation-inl.hpp"
#endif
