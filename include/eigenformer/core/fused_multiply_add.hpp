// a * b + c with one rounding, on every machine.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// The exact fused multiply-add without the instruction. The product of two binary32 is exact in binary64; the sum is
/// rounded there to odd (its last bit also says that something was cut off), and a result that was rounded to odd with
/// two spare bits or more rounds to binary32 as the exact sum does.
/// S. Boldo, G. Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd"
/// (2008), https://doi.org/10.1109/TC.2007.70819.
inline float fused_multiply_add_emulated(float a, float b, float c) {
  const double product = static_cast<double>(a) * static_cast<double>(b);
  const double addend = c;
  const double sum = product + addend;
  // What the sum lost, exactly (D. Knuth's two-sum).
  const double addend_part = sum - product;
  const double lost = (product - (sum - addend_part)) + (addend - addend_part);
  std::uint64_t bits = std::bit_cast<std::uint64_t>(sum);
  const bool inexact = lost > 0 || lost < 0;  // false for infinities and NaN, whose `lost` is NaN
  if (inexact && (bits & 1U) == 0) {
    const bool away_from_zero = (lost > 0) == (sum > 0);
    bits += away_from_zero ? 1U : ~std::uint64_t{0};
  }
  return static_cast<float>(std::bit_cast<double>(bits));
}

/// a * b + c, rounded once, half to even.
inline float fused_multiply_add(float a, float b, float c) {
#if defined(__FMA__) || defined(__aarch64__) || defined(_M_ARM64)
  return std::fma(a, b, c);
#else
  return fused_multiply_add_emulated(a, b, c);
#endif
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
