// How many tokens a model reads.
#pragma once

#include <cstddef>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// ModelInfo::context_length of models whose positions have no end (T5, XLNet): more tokens than fit in memory.
inline constexpr std::size_t k_unlimited_context = std::size_t{1} << 24U;

}  // namespace eigenformer::inline EIGENFORMER_ABI
