// The keys of Hugging Face's generation_config.json.
#pragma once

#include <string>
#include <string_view>

#include "eigenformer/generate.hpp"

namespace cli {

/// What the JSON object says, on top of `options`. Sampling is on where "do_sample" is true, with transformers' own
/// defaults for what is not named (temperature 1, top_k 50). A key that is neither honoured, nor at the value at which
/// it does nothing, nor known to change no token is ConfigError "config.generation_key".
/// https://huggingface.co/docs/transformers/main_classes/text_generation
eigenformer::GenerateOptions with_generation_config(eigenformer::GenerateOptions options, std::string_view json,
                                                    const std::string& where);

}  // namespace cli
