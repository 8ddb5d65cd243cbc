// The functions of kernels/float_math.hpp on sixteen lanes: the same operations in the same order.
#pragma once

#include "eigenformer/kernels/avx512/lanes.hpp"
#include "eigenformer/kernels/float_math.hpp"

EIGENFORMER_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512 {

inline __m512 every_lane(float value) { return _mm512_set1_ps(value); }

struct ReducedExponential {
  __m512i exponent_bits;
  __m512 minus_one;
};

[[gnu::always_inline]] inline ReducedExponential reduced_exponential(__m512 x) {
  using namespace float_constants;
  const __m512 shifted = _mm512_fmadd_ps(x, every_lane(k_log2_e), every_lane(k_round));
  const __m512 n = _mm512_sub_ps(shifted, every_lane(k_round));
  const __m512 start = _mm512_fmadd_ps(n, every_lane(-k_ln2_high), x);
  const __m512 r = _mm512_fmadd_ps(n, every_lane(-k_ln2_low), start);
  __m512 q = every_lane(k_exp[4]);
  q = _mm512_fmadd_ps(q, r, every_lane(k_exp[3]));
  q = _mm512_fmadd_ps(q, r, every_lane(k_exp[2]));
  q = _mm512_fmadd_ps(q, r, every_lane(k_exp[1]));
  q = _mm512_fmadd_ps(q, r, every_lane(k_exp[0]));
  return {_mm512_slli_epi32(_mm512_castps_si512(shifted), 23), _mm512_fmadd_ps(_mm512_mul_ps(r, r), q, r)};
}

[[gnu::always_inline]] inline __m512 exponential(__m512 x) {
  const ReducedExponential reduced = reduced_exponential(_mm512_min_ps(every_lane(float_constants::k_exp_highest), x));
  const __m512 mantissa = _mm512_add_ps(every_lane(1.0F), reduced.minus_one);
  const __m512i result = _mm512_add_epi32(_mm512_castps_si512(mantissa), reduced.exponent_bits);
  const __mmask16 not_below = _mm512_cmp_ps_mask(x, every_lane(float_constants::k_exp_lowest), _CMP_NLT_UQ);
  return _mm512_maskz_mov_ps(not_below, _mm512_castsi512_ps(result));
}

inline __m512 magnitude(__m512 x) { return _mm512_andnot_ps(every_lane(-0.0F), x); }

inline __m512 with_sign_of(__m512 value, __m512 sign) {
  return _mm512_or_ps(value, _mm512_and_ps(every_lane(-0.0F), sign));
}

inline __mmask16 is_negative(__m512 x) { return _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ); }

[[gnu::always_inline]] inline __m512 sigmoid(__m512 x) {
  const __m512 one = every_lane(1.0F);
  const __m512 e = exponential(_mm512_or_ps(every_lane(-0.0F), x));
  return _mm512_div_ps(_mm512_mask_blend_ps(is_negative(x), one, e), _mm512_add_ps(one, e));
}

[[gnu::always_inline]] inline __m512 silu(__m512 x) { return _mm512_mul_ps(x, sigmoid(x)); }

[[gnu::always_inline]] inline __m512 hyperbolic_tangent(__m512 x) {
  const __m512 bounded = _mm512_min_ps(every_lane(float_constants::k_tanh_highest), magnitude(x));
  const ReducedExponential reduced = reduced_exponential(_mm512_add_ps(bounded, bounded));
  const __m512 one = every_lane(1.0F);
  const __m512 power = _mm512_castsi512_ps(_mm512_add_epi32(reduced.exponent_bits, _mm512_castps_si512(one)));
  const __m512 m = _mm512_fmadd_ps(power, reduced.minus_one, _mm512_sub_ps(power, one));
  return with_sign_of(_mm512_div_ps(m, _mm512_add_ps(m, every_lane(2.0F))), x);
}

[[gnu::always_inline]] inline __m512 near_error_function(__m512 a) {
  using namespace float_constants;
  const __m512 square = _mm512_mul_ps(a, a);
  __m512 s = every_lane(k_erf[6]);
  s = _mm512_fmadd_ps(s, square, every_lane(k_erf[5]));
  s = _mm512_fmadd_ps(s, square, every_lane(k_erf[4]));
  s = _mm512_fmadd_ps(s, square, every_lane(k_erf[3]));
  s = _mm512_fmadd_ps(s, square, every_lane(k_erf[2]));
  s = _mm512_fmadd_ps(s, square, every_lane(k_erf[1]));
  s = _mm512_fmadd_ps(s, square, every_lane(k_erf[0]));
  return _mm512_fmadd_ps(a, s, a);
}

[[gnu::always_inline]] inline __m512 far_upper_tail(__m512 a) {
  using namespace float_constants;
  const __m512 bounded = _mm512_min_ps(every_lane(k_tail_highest), a);
  const __m512 square = _mm512_mul_ps(bounded, bounded);
  const __m512 lost = _mm512_fmsub_ps(bounded, bounded, square);
  const __m512 minus_half = every_lane(-0.5F);
  const __m512 e = exponential(_mm512_mul_ps(minus_half, square));
  const __m512 corrected = _mm512_fmadd_ps(e, _mm512_mul_ps(minus_half, lost), e);
  const __m512 one = every_lane(1.0F);
  const __m512 t = _mm512_div_ps(one, _mm512_fmadd_ps(bounded, every_lane(0.25F), one));
  __m512 g = every_lane(k_tail[7]);
  g = _mm512_fmadd_ps(g, t, every_lane(k_tail[6]));
  g = _mm512_fmadd_ps(g, t, every_lane(k_tail[5]));
  g = _mm512_fmadd_ps(g, t, every_lane(k_tail[4]));
  g = _mm512_fmadd_ps(g, t, every_lane(k_tail[3]));
  g = _mm512_fmadd_ps(g, t, every_lane(k_tail[2]));
  g = _mm512_fmadd_ps(g, t, every_lane(k_tail[1]));
  g = _mm512_fmadd_ps(g, t, every_lane(k_tail[0]));
  return _mm512_mul_ps(corrected, _mm512_mul_ps(t, g));
}

inline __mmask16 below_one(__m512 a) { return _mm512_cmp_ps_mask(a, every_lane(1.0F), _CMP_LT_OQ); }

[[gnu::always_inline]] inline __m512 error_function(__m512 x) {
  const __m512 a = magnitude(x);
  const __m512 tail = far_upper_tail(_mm512_mul_ps(a, every_lane(float_constants::k_square_root_2)));
  const __m512 far = _mm512_fmadd_ps(every_lane(-2.0F), tail, every_lane(1.0F));
  return with_sign_of(_mm512_mask_blend_ps(below_one(a), far, near_error_function(a)), x);
}

[[gnu::always_inline]] inline __m512 upper_tail(__m512 a) {
  const __m512 scaled = _mm512_mul_ps(a, every_lane(float_constants::k_square_root_half));
  const __m512 near = _mm512_fmadd_ps(every_lane(-0.5F), near_error_function(scaled), every_lane(0.5F));
  return _mm512_mask_blend_ps(below_one(a), far_upper_tail(a), near);
}

[[gnu::always_inline]] inline __m512 gelu(__m512 x) {
  const __m512 tail = upper_tail(magnitude(x));
  const __m512 rest = _mm512_sub_ps(every_lane(1.0F), tail);
  return _mm512_mul_ps(x, _mm512_mask_blend_ps(is_negative(x), rest, tail));
}

[[gnu::always_inline]] inline __m512 gelu_tanh(__m512 x) {
  using namespace float_constants;
  const __m512 factor =
      _mm512_fmadd_ps(_mm512_mul_ps(x, x), every_lane(k_gelu_tanh_cubic), every_lane(k_gelu_tanh_linear));
  return _mm512_mul_ps(x, sigmoid(_mm512_mul_ps(x, factor)));
}

inline __m512 relu(__m512 x) { return _mm512_max_ps(_mm512_setzero_ps(), x); }

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512
EIGENFORMER_TARGET_END
