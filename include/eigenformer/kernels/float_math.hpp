// exp, sigmoid, tanh, erf and their kin in binary32: the scalar truth. Every other instruction set does the same
// operations in the same order on more lanes. Errors over all arguments stand in docs/numerics.md; the constants come
// from tests/kernels/float_math_recipe.py. Selections are written so that NaN goes through.
#pragma once

#include <bit>
#include <cstdint>

#include "eigenformer/core/fused_multiply_add.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

namespace float_constants {

inline constexpr float k_exp_lowest = -87.3F;    ///< below: 0, so that no result is subnormal
inline constexpr float k_exp_highest = 88.375F;  ///< above: exp(88.375), so that no result is infinite
inline constexpr float k_log2_e = 0x1.715476p+0F;
inline constexpr float k_round = 0x1.8p+23F;       ///< adding it leaves the rounded integer in the low bits
inline constexpr float k_ln2_high = 0x1.62e4p-1F;  ///< 16 bits: its products with integers below 2^8 are exact
inline constexpr float k_ln2_low = 0x1.7f7d1cp-20F;
/// exp(r) = 1 + r + r^2 (e0 + e1 r + ...) for |r| <= ln 2 / 2
inline constexpr float k_exp[5] = {0x1.fffffcp-2F, 0x1.55548cp-3F, 0x1.555858p-5F, 0x1.123dep-7F, 0x1.6ac74ep-10F};

inline constexpr float k_tanh_highest = 10.0F;  ///< tanh of it is 1

/// erf(x) = x + x (s0 + s1 x^2 + ...) for |x| <= 1
inline constexpr float k_erf[7] = {0x1.06eba8p-3F, -0x1.81273ep-2F,  0x1.ce2ce6p-4F, -0x1.b7f71ap-6F,
                                   0x1.53f224p-8F, -0x1.a3515ep-11F, 0x1.4771fcp-14F};
inline constexpr float k_square_root_2 = 0x1.6a09e6p+0F;
inline constexpr float k_square_root_half = 0x1.6a09e6p-1F;
inline constexpr float k_tail_highest = 14.0F;  ///< the tail beyond is 0
/// erfc(a / sqrt 2) / 2 = exp(-a^2 / 2) t (g0 + g1 t + ...), t = 1 / (1 + a / 4), for 1 <= a <= 14
inline constexpr float k_tail[8] = {0x1.988576p-4F, 0x1.983deep-4F,  0x1.831afap-4F, 0x1.2ef394p-4F,
                                    0x1.75ead8p-4F, -0x1.578b38p-6F, 0x1.bb1b2p-4F,  -0x1.7c2b58p-5F};

/// gelu_tanh(x) = x sigmoid(x (g + g' x^2)): twice sqrt(2 / pi), and that times 0.044715
inline constexpr float k_gelu_tanh_linear = 0x1.988454p+0F;
inline constexpr float k_gelu_tanh_cubic = 0x1.2444f2p-4F;

}  // namespace float_constants

namespace scalar {

/// What exp and tanh share: n = rint(x / ln 2), 2^n, and exp(x - n ln 2) - 1.
struct ReducedExponential {
  std::uint32_t exponent_bits;  ///< n << 23, modulo 2^32
  float minus_one;
};

inline ReducedExponential reduced_exponential(float x) {
  using namespace float_constants;
  const float shifted = fused_multiply_add(x, k_log2_e, k_round);
  const float n = shifted - k_round;
  const float r = fused_multiply_add(n, -k_ln2_low, fused_multiply_add(n, -k_ln2_high, x));
  float q = k_exp[4];
  for (int i = 3; i >= 0; --i) q = fused_multiply_add(q, r, k_exp[i]);
  return {std::bit_cast<std::uint32_t>(shifted) << 23U, fused_multiply_add(r * r, q, r)};
}

/// e^x; 0 below -87.3, e^88.375 above that.
inline float exponential(float x) {
  const float bounded = float_constants::k_exp_highest < x ? float_constants::k_exp_highest : x;
  const ReducedExponential reduced = reduced_exponential(bounded);
  const float mantissa = 1.0F + reduced.minus_one;
  const float result = std::bit_cast<float>(std::bit_cast<std::uint32_t>(mantissa) + reduced.exponent_bits);
  return x < float_constants::k_exp_lowest ? 0.0F : result;
}

inline float magnitude(float x) { return std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) & 0x7FFFFFFFU); }

inline float with_sign_of(float value, float sign) {
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) | (std::bit_cast<std::uint32_t>(sign) & 0x80000000U));
}

/// 1 / (1 + e^-x), from e^-|x| so that nothing overflows and small results keep their digits.
inline float sigmoid(float x) {
  const float e = exponential(-magnitude(x));
  return (x < 0.0F ? e : 1.0F) / (1.0F + e);
}

inline float silu(float x) { return x * sigmoid(x); }

/// From m = e^2|x| - 1 = 2^n (e^r - 1) + (2^n - 1): tanh |x| = m / (m + 2), which keeps small arguments exact.
inline float hyperbolic_tangent(float x) {
  const float a = magnitude(x);
  const float bounded = float_constants::k_tanh_highest < a ? float_constants::k_tanh_highest : a;
  const ReducedExponential reduced = reduced_exponential(bounded + bounded);
  const float power = std::bit_cast<float>(reduced.exponent_bits + 0x3F800000U);
  const float m = fused_multiply_add(power, reduced.minus_one, power - 1.0F);
  return with_sign_of(m / (m + 2.0F), x);
}

/// erf(a) for 0 <= a <= 1.
inline float near_error_function(float a) {
  const float square = a * a;
  float s = float_constants::k_erf[6];
  for (int i = 5; i >= 0; --i) s = fused_multiply_add(s, square, float_constants::k_erf[i]);
  return fused_multiply_add(a, s, a);
}

/// erfc(a / sqrt 2) / 2 for a >= 1.
inline float far_upper_tail(float a) {
  using namespace float_constants;
  const float bounded = k_tail_highest < a ? k_tail_highest : a;
  const float square = bounded * bounded;
  const float lost = fused_multiply_add(bounded, bounded, -square);
  const float e = exponential(-0.5F * square);
  const float corrected = fused_multiply_add(e, -0.5F * lost, e);
  const float t = 1.0F / fused_multiply_add(bounded, 0.25F, 1.0F);
  float g = k_tail[7];
  for (int i = 6; i >= 0; --i) g = fused_multiply_add(g, t, k_tail[i]);
  return corrected * (t * g);
}

inline float error_function(float x) {
  const float a = magnitude(x);
  const float beyond = fused_multiply_add(-2.0F, far_upper_tail(a * float_constants::k_square_root_2), 1.0F);
  return with_sign_of(a < 1.0F ? near_error_function(a) : beyond, x);
}

/// erfc(a / sqrt 2) / 2 for a >= 0: the chance that a normal variable exceeds a.
inline float upper_tail(float a) {
  const float inside = fused_multiply_add(-0.5F, near_error_function(a * float_constants::k_square_root_half), 0.5F);
  return a < 1.0F ? inside : far_upper_tail(a);
}

/// x / 2 (1 + erf(x / sqrt 2)), from the tail so that negative arguments keep their digits.
/// https://arxiv.org/abs/1606.08415
inline float gelu(float x) {
  const float tail = upper_tail(magnitude(x));
  return x * (x < 0.0F ? tail : 1.0F - tail);
}

/// x / 2 (1 + tanh(u)) = x sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3)
inline float gelu_tanh(float x) {
  const float twice_u =
      x * fused_multiply_add(x * x, float_constants::k_gelu_tanh_cubic, float_constants::k_gelu_tanh_linear);
  return x * sigmoid(twice_u);
}

inline float relu(float x) { return 0.0F > x ? 0.0F : x; }

}  // namespace scalar
}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels
