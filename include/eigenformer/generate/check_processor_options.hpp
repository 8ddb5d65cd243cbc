// The options of what is done to scores, and their ranges.
#pragma once

#include <cstddef>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// Throws UsageError "usage.option_range" for the first one out of its range.
void check_processor_options(const GenerateOptions& options, std::size_t vocabulary_size);

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/check_processor_options-inl.hpp"
#endif
