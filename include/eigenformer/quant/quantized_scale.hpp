// The scales of blocks that are quantized here: what does not fit a half, and what is too small to divide by.
#pragma once

#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/half.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

/// The largest finite binary16.
inline constexpr float k_largest_half = 65504.0F;

/// To binary16, half to even; infinite, whatever its sign, beyond the largest.
inline std::uint16_t half_or_infinity(float value) {
  const bool fits = value <= k_largest_half && value >= -k_largest_half;
  return fits ? half_from_float_saturating(value) : std::uint16_t{0x7C00U};
}

/// 1 / scale; 0, which makes every code 0, for a scale far below the smallest half and for one that is too large.
inline float inverse_scale(float scale) { return scale > 0x1p-100F && scale <= k_largest_half ? 1.0F / scale : 0.0F; }

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant
