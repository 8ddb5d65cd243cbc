// The keys of Hugging Face's generation_config.json.
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/model_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// generation_options() of generate.hpp. Of an older model without generation_config.json, config.json counts, as in
/// GenerationConfig.from_model_config: what could not be honoured there is passed over. Throws FormatError for a text
/// that is no JSON, ConfigError "config.generation_key".
/// https://huggingface.co/docs/transformers/main_classes/text_generation
GenerateOptions read_generation_config(const ModelState& model, const GenerationConfig& config,
                                       const GenerateOptions& options = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/generation_config-inl.hpp"
#endif
