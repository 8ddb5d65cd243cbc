// Sinusoidal positions. https://arxiv.org/abs/1706.03762, section 3.5
#pragma once

#include <cstdint>
#include <span>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

/// PE(position, 2i) = sin(position / 10000^(2i / d)), PE(position, 2i + 1) = cos of the same, d = out.size(); computed
/// in double, rounded once. An odd last place has a sine without its cosine.
void sinusoidal_position(std::int32_t position, std::span<float> out) noexcept;

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/ops/sinusoidal-inl.hpp"
#endif
