// Plain elements: reading them from unaligned little-endian bytes.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/half.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

static_assert(std::endian::native == std::endian::little,
              "model files are little endian, and eigenformer reads them on little-endian machines only");

template <class T>
T load(const std::byte* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

/// A binary16 at this place, widened.
inline float load_half(const std::byte* bytes) { return float_from_half(load<std::uint16_t>(bytes)); }

/// All bits of the exponent set: infinite or not a number.
constexpr bool half_is_finite(std::uint16_t half) { return (half & 0x7C00U) != 0x7C00U; }
constexpr bool bfloat16_is_finite(std::uint16_t value) { return (value & 0x7F80U) != 0x7F80U; }
constexpr bool float_is_finite(std::uint32_t bits) { return (bits & 0x7F800000U) != 0x7F800000U; }

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant
