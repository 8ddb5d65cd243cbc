// What a task does with a text that a model cannot read as a whole. A light header.
#pragma once

#include <cstdint>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// What becomes of a text that has too many tokens.
enum class LongText : std::uint8_t {
  automatic,  ///< cut for embeddings by a folder of sentence-transformers, as that library does; else refuse
  refuse,     ///< UsageError "usage.prompt_too_long"
  cut,        ///< its end is left out; of two texts, that of the longer one
};

}  // namespace eigenformer::inline EIGENFORMER_ABI
