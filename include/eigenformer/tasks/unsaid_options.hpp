// What decides where the options of a text that is written are silent. A light header.
#pragma once

#include <cstdint>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// What counts for each of the GenerateOptions that stands at its default.
enum class UnsaidOptions : std::uint8_t {
  of_model,  ///< what the model's own files say: `generation_options(model, {}, options)`
  defaults,  ///< the default, as in generate(): for options that began as `generation_options(model)`
};

}  // namespace eigenformer::inline EIGENFORMER_ABI
