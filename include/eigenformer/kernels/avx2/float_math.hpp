// The functions of kernels/float_math.hpp on eight lanes: the same operations in the same order.
#pragma once

#include "eigenformer/kernels/avx2/lanes.hpp"
#include "eigenformer/kernels/float_math.hpp"

EIGENFORMER_TARGET_BEGIN("avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2 {

inline __m256 every_lane(float value) { return _mm256_set1_ps(value); }

struct ReducedExponential {
  __m256i exponent_bits;
  __m256 minus_one;
};

[[gnu::always_inline]] inline ReducedExponential reduced_exponential(__m256 x) {
  using namespace float_constants;
  const __m256 shifted = _mm256_fmadd_ps(x, every_lane(k_log2_e), every_lane(k_round));
  const __m256 n = _mm256_sub_ps(shifted, every_lane(k_round));
  const __m256 start = _mm256_fmadd_ps(n, every_lane(-k_ln2_high), x);
  const __m256 r = _mm256_fmadd_ps(n, every_lane(-k_ln2_low), start);
  __m256 q = every_lane(k_exp[4]);
  q = _mm256_fmadd_ps(q, r, every_lane(k_exp[3]));
  q = _mm256_fmadd_ps(q, r, every_lane(k_exp[2]));
  q = _mm256_fmadd_ps(q, r, every_lane(k_exp[1]));
  q = _mm256_fmadd_ps(q, r, every_lane(k_exp[0]));
  return {_mm256_slli_epi32(_mm256_castps_si256(shifted), 23), _mm256_fmadd_ps(_mm256_mul_ps(r, r), q, r)};
}

[[gnu::always_inline]] inline __m256 exponential(__m256 x) {
  const ReducedExponential reduced = reduced_exponential(_mm256_min_ps(every_lane(float_constants::k_exp_highest), x));
  const __m256 mantissa = _mm256_add_ps(every_lane(1.0F), reduced.minus_one);
  const __m256i result = _mm256_add_epi32(_mm256_castps_si256(mantissa), reduced.exponent_bits);
  const __m256 below = _mm256_cmp_ps(x, every_lane(float_constants::k_exp_lowest), _CMP_LT_OQ);
  return _mm256_andnot_ps(below, _mm256_castsi256_ps(result));
}

inline float exponential_of_one(float x) { return _mm256_cvtss_f32(exponential(every_lane(x))); }

inline __m256 magnitude(__m256 x) { return _mm256_andnot_ps(every_lane(-0.0F), x); }

inline __m256 with_sign_of(__m256 value, __m256 sign) {
  return _mm256_or_ps(value, _mm256_and_ps(every_lane(-0.0F), sign));
}

inline __m256 is_negative(__m256 x) { return _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_LT_OQ); }

[[gnu::always_inline]] inline __m256 sigmoid(__m256 x) {
  const __m256 one = every_lane(1.0F);
  const __m256 e = exponential(_mm256_or_ps(every_lane(-0.0F), x));
  return _mm256_div_ps(_mm256_blendv_ps(one, e, is_negative(x)), _mm256_add_ps(one, e));
}

[[gnu::always_inline]] inline __m256 silu(__m256 x) { return _mm256_mul_ps(x, sigmoid(x)); }

[[gnu::always_inline]] inline __m256 hyperbolic_tangent(__m256 x) {
  const __m256 bounded = _mm256_min_ps(every_lane(float_constants::k_tanh_highest), magnitude(x));
  const ReducedExponential reduced = reduced_exponential(_mm256_add_ps(bounded, bounded));
  const __m256 one = every_lane(1.0F);
  const __m256 power = _mm256_castsi256_ps(_mm256_add_epi32(reduced.exponent_bits, _mm256_castps_si256(one)));
  const __m256 m = _mm256_fmadd_ps(power, reduced.minus_one, _mm256_sub_ps(power, one));
  return with_sign_of(_mm256_div_ps(m, _mm256_add_ps(m, every_lane(2.0F))), x);
}

[[gnu::always_inline]] inline __m256 near_error_function(__m256 a) {
  using namespace float_constants;
  const __m256 square = _mm256_mul_ps(a, a);
  __m256 s = every_lane(k_erf[6]);
  s = _mm256_fmadd_ps(s, square, every_lane(k_erf[5]));
  s = _mm256_fmadd_ps(s, square, every_lane(k_erf[4]));
  s = _mm256_fmadd_ps(s, square, every_lane(k_erf[3]));
  s = _mm256_fmadd_ps(s, square, every_lane(k_erf[2]));
  s = _mm256_fmadd_ps(s, square, every_lane(k_erf[1]));
  s = _mm256_fmadd_ps(s, square, every_lane(k_erf[0]));
  return _mm256_fmadd_ps(a, s, a);
}

[[gnu::always_inline]] inline __m256 far_upper_tail(__m256 a) {
  using namespace float_constants;
  const __m256 bounded = _mm256_min_ps(every_lane(k_tail_highest), a);
  const __m256 square = _mm256_mul_ps(bounded, bounded);
  const __m256 lost = _mm256_fmsub_ps(bounded, bounded, square);
  const __m256 minus_half = every_lane(-0.5F);
  const __m256 e = exponential(_mm256_mul_ps(minus_half, square));
  const __m256 corrected = _mm256_fmadd_ps(e, _mm256_mul_ps(minus_half, lost), e);
  const __m256 one = every_lane(1.0F);
  const __m256 t = _mm256_div_ps(one, _mm256_fmadd_ps(bounded, every_lane(0.25F), one));
  __m256 g = every_lane(k_tail[7]);
  g = _mm256_fmadd_ps(g, t, every_lane(k_tail[6]));
  g = _mm256_fmadd_ps(g, t, every_lane(k_tail[5]));
  g = _mm256_fmadd_ps(g, t, every_lane(k_tail[4]));
  g = _mm256_fmadd_ps(g, t, every_lane(k_tail[3]));
  g = _mm256_fmadd_ps(g, t, every_lane(k_tail[2]));
  g = _mm256_fmadd_ps(g, t, every_lane(k_tail[1]));
  g = _mm256_fmadd_ps(g, t, every_lane(k_tail[0]));
  return _mm256_mul_ps(corrected, _mm256_mul_ps(t, g));
}

inline __m256 below_one(__m256 a) { return _mm256_cmp_ps(a, every_lane(1.0F), _CMP_LT_OQ); }

[[gnu::always_inline]] inline __m256 error_function(__m256 x) {
  const __m256 a = magnitude(x);
  const __m256 tail = far_upper_tail(_mm256_mul_ps(a, every_lane(float_constants::k_square_root_2)));
  const __m256 far = _mm256_fmadd_ps(every_lane(-2.0F), tail, every_lane(1.0F));
  return with_sign_of(_mm256_blendv_ps(far, near_error_function(a), below_one(a)), x);
}

[[gnu::always_inline]] inline __m256 upper_tail(__m256 a) {
  const __m256 scaled = _mm256_mul_ps(a, every_lane(float_constants::k_square_root_half));
  const __m256 near = _mm256_fmadd_ps(every_lane(-0.5F), near_error_function(scaled), every_lane(0.5F));
  return _mm256_blendv_ps(far_upper_tail(a), near, below_one(a));
}

[[gnu::always_inline]] inline __m256 gelu(__m256 x) {
  const __m256 tail = upper_tail(magnitude(x));
  const __m256 rest = _mm256_sub_ps(every_lane(1.0F), tail);
  return _mm256_mul_ps(x, _mm256_blendv_ps(rest, tail, is_negative(x)));
}

[[gnu::always_inline]] inline __m256 gelu_tanh(__m256 x) {
  using namespace float_constants;
  const __m256 factor =
      _mm256_fmadd_ps(_mm256_mul_ps(x, x), every_lane(k_gelu_tanh_cubic), every_lane(k_gelu_tanh_linear));
  return _mm256_mul_ps(x, sigmoid(_mm256_mul_ps(x, factor)));
}

inline __m256 relu(__m256 x) { return _mm256_max_ps(_mm256_setzero_ps(), x); }

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2
EIGENFORMER_TARGET_END
