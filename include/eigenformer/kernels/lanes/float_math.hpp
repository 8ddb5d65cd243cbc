// The functions of kernels/float_math.hpp on lanes: the same operations in the same order.
//
// Text for target regions, as every file of this folder: without a guard, including nothing, it is compiled in the
// namespace of each instruction set, over the types and functions of that one's lanes.hpp (docs/HACKING.md).

/// c[0] + x (c[1] + x (c[2] + ...)), from the inside out.
template <std::size_t count>
[[gnu::always_inline]] inline Lanes polynomial(const float (&c)[count], Lanes x) {
  Lanes sum = every_lane(c[count - 1]);
#pragma GCC unroll 8
  for (std::size_t i = count - 1; i > 0; --i) sum = fused_multiply_add(sum, x, every_lane(c[i - 1]));
  return sum;
}

struct ReducedExponential {
  IntegerLanes exponent_bits;
  Lanes minus_one;
};

[[gnu::always_inline]] inline ReducedExponential reduced_exponential(Lanes x) {
  using namespace float_constants;
  const Lanes shifted = fused_multiply_add(x, every_lane(k_log2_e), every_lane(k_round));
  const Lanes n = shifted - every_lane(k_round);
  const Lanes start = fused_multiply_add(n, every_lane(-k_ln2_high), x);
  const Lanes r = fused_multiply_add(n, every_lane(-k_ln2_low), start);
  return {shift_left<23>(as_integers(shifted)), fused_multiply_add(r * r, polynomial(k_exp, r), r)};
}

[[gnu::always_inline]] inline Lanes exponential(Lanes x) {
  const ReducedExponential reduced = reduced_exponential(lesser(every_lane(float_constants::k_exp_highest), x));
  const Lanes mantissa = every_lane(1.0F) + reduced.minus_one;
  const Lanes result = as_floats(as_integers(mantissa) + reduced.exponent_bits);
  return keep_where(is_not_less(x, every_lane(float_constants::k_exp_lowest)), result);
}

inline float exponential_of_one(float x) { return first_lane(exponential(every_lane(x))); }

inline Lanes with_sign_of(Lanes value, Lanes sign) { return value | (every_lane(-0.0F) & sign); }

inline Mask is_negative(Lanes x) { return is_less(x, every_lane(0.0F)); }

[[gnu::always_inline]] inline Lanes sigmoid(Lanes x) {
  const Lanes one = every_lane(1.0F);
  const Lanes e = exponential(every_lane(-0.0F) | x);
  return select(is_negative(x), e, one) / (one + e);
}

[[gnu::always_inline]] inline Lanes silu(Lanes x) { return x * sigmoid(x); }

[[gnu::always_inline]] inline Lanes hyperbolic_tangent(Lanes x) {
  const Lanes bounded = lesser(every_lane(float_constants::k_tanh_highest), magnitude(x));
  const ReducedExponential reduced = reduced_exponential(bounded + bounded);
  const Lanes one = every_lane(1.0F);
  const Lanes power = as_floats(reduced.exponent_bits + as_integers(one));
  const Lanes m = fused_multiply_add(power, reduced.minus_one, power - one);
  return with_sign_of(m / (m + every_lane(2.0F)), x);
}

[[gnu::always_inline]] inline Lanes near_error_function(Lanes a) {
  return fused_multiply_add(a, polynomial(float_constants::k_erf, a * a), a);
}

[[gnu::always_inline]] inline Lanes far_upper_tail(Lanes a) {
  using namespace float_constants;
  const Lanes bounded = lesser(every_lane(k_tail_highest), a);
  const Lanes square = bounded * bounded;
  const Lanes lost = fused_multiply_subtract(bounded, bounded, square);
  const Lanes minus_half = every_lane(-0.5F);
  const Lanes e = exponential(minus_half * square);
  const Lanes corrected = fused_multiply_add(e, minus_half * lost, e);
  const Lanes one = every_lane(1.0F);
  const Lanes t = one / fused_multiply_add(bounded, every_lane(0.25F), one);
  return corrected * (t * polynomial(k_tail, t));
}

inline Mask below_one(Lanes a) { return is_less(a, every_lane(1.0F)); }

[[gnu::always_inline]] inline Lanes error_function(Lanes x) {
  const Lanes a = magnitude(x);
  const Lanes tail = far_upper_tail(a * every_lane(float_constants::k_square_root_2));
  const Lanes beyond = fused_multiply_add(every_lane(-2.0F), tail, every_lane(1.0F));
  return with_sign_of(select(below_one(a), near_error_function(a), beyond), x);
}

[[gnu::always_inline]] inline Lanes upper_tail(Lanes a) {
  const Lanes scaled = a * every_lane(float_constants::k_square_root_half);
  const Lanes inside = fused_multiply_add(every_lane(-0.5F), near_error_function(scaled), every_lane(0.5F));
  return select(below_one(a), inside, far_upper_tail(a));
}

[[gnu::always_inline]] inline Lanes gelu(Lanes x) {
  const Lanes tail = upper_tail(magnitude(x));
  return x * select(is_negative(x), tail, every_lane(1.0F) - tail);
}

[[gnu::always_inline]] inline Lanes gelu_tanh(Lanes x) {
  using namespace float_constants;
  const Lanes factor = fused_multiply_add(x * x, every_lane(k_gelu_tanh_cubic), every_lane(k_gelu_tanh_linear));
  return x * sigmoid(x * factor);
}

inline Lanes relu(Lanes x) { return larger(every_lane(0.0F), x); }
