#pragma once

#include "eigenformer/core/math.hpp"
#include "eigenformer/ops/sinusoidal.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

EIGENFORMER_INLINE void sinusoidal_position(std::int32_t position, std::span<float> out) noexcept {
  for (std::size_t i = 0; i < out.size(); i += 2) {
    const double exponent = static_cast<double>(i) / static_cast<double>(out.size());
    const double angle = static_cast<double>(position) / power(10000.0, exponent);
    out[i] = static_cast<float>(sine(angle));
    if (i + 1 < out.size()) out[i + 1] = static_cast<float>(cosine(angle));
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops
