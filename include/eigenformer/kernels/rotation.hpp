// Rotary positions of one head: the scalar truth.
#pragma once

#include "eigenformer/core/fused_multiply_add.hpp"
#include "eigenformer/kernels/kernel_table.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar {

/// low' = fma(low, cos, -(high sin)), high' = fma(high, cos, low sin), for the pairs (i, i + size / 2).
/// https://arxiv.org/abs/2104.09864
inline void rotate(const Rotation& rotation) noexcept {
  const std::size_t half = rotation.size / 2;
  for (std::size_t i = 0; i < half; ++i) {
    const float low = rotation.head[i];
    const float high = rotation.head[i + half];
    rotation.head[i] = fused_multiply_add(low, rotation.cosines[i], -(high * rotation.sines[i]));
    rotation.head[i + half] = fused_multiply_add(high, rotation.cosines[i], low * rotation.sines[i]);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar
