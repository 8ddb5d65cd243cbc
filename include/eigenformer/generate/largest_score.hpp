// The largest of the scores of a vocabulary, in a form that compilers turn into vector instructions.
#pragma once

#include <cstddef>
#include <span>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// The largest of one score or more, none of which is NaN.
float largest_score(std::span<const float> scores) noexcept;

/// The index of the largest, of equal ones the lowest.
std::size_t index_of_largest(std::span<const float> scores) noexcept;

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/largest_score-inl.hpp"
#endif
