// log softmax(x)_i = x_i - max x - log sum_j exp(x_j - max x), in double: for scores of whole texts, where the rounding
// of each token's f32 would add up. Indices ascending, so the bits are the same on every machine.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

/// max x + log sum_j exp(x_j - max x); what is to be subtracted from a value to get its log probability. Minus infinity
/// where there are no values or all are minus infinity.
double log_sum_exp(std::span<const float> values) noexcept;

/// All of them.
std::vector<double> log_softmax(std::span<const float> values);

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/ops/log_softmax-inl.hpp"
#endif
