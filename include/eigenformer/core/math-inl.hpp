#pragma once

#include <bit>
#include <cstdint>
#include <limits>

#include "eigenformer/core/math.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

namespace math_detail {

/// An unevaluated sum, |low| at most half a unit in the last place of high.
struct Pair {
  double high, low;
};

/// a + b exactly (D. Knuth, The Art of Computer Programming, volume 2, 4.2.2).
inline Pair exact_sum(double a, double b) {
  const double sum = a + b;
  const double b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}

/// a * b exactly, from halves of 26 bits (T. Dekker, 1971, https://doi.org/10.1007/BF01397083).
inline Pair exact_product(double a, double b) {
  const double product = a * b;
  const double a_scaled = a * 0x1.0000002p+27;
  const double b_scaled = b * 0x1.0000002p+27;
  const double a_high = a_scaled - (a_scaled - a);
  const double b_high = b_scaled - (b_scaled - b);
  const double a_low = a - a_high;
  const double b_low = b - b_high;
  return {product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

/// Half to even, for |x| < 2^51.
inline double nearest_integer(double x) { return (x + 0x1.8p+52) - 0x1.8p+52; }

/// c[0] + c[1] x + c[2] x^2 + ...
template <int count>
double polynomial(const double (&coefficients)[count], double x) {
  double sum = coefficients[count - 1];
  for (int i = count - 2; i >= 0; --i) sum = sum * x + coefficients[i];
  return sum;
}

struct ReducedAngle {
  Pair rest;  ///< |rest| <= pi / 4
  int quadrant;
};

/// x = n pi / 2 + rest, for |x| <= 2e8: n has 27 bits, the first four parts of pi / 2 have 26, so that n times a part
/// is exact, and the first difference is too (it cancels at least a bit).
inline ReducedAngle reduce_angle(double x) {
  const double n = nearest_integer(x * 0x1.45f306dc9c883p-1);
  const double first = x - n * 0x1.921fb5p+0;
  const Pair second = exact_sum(first, -(n * 0x1.110b46p-26));
  const Pair third = exact_sum(second.high, -(n * 0x1.1a6263p-54));
  const Pair fourth = exact_sum(third.high, -(n * 0x1.8a2e03p-81));
  const double lost = ((second.low + third.low) + fourth.low) - n * 0x1.c1cd129024e09p-107;
  return {exact_sum(fourth.high, lost), static_cast<int>(static_cast<std::int64_t>(n) & 3)};
}

/// Taylor's series of sine for |rest| <= pi / 4: the first term left out is below 2^-68 of the result.
inline double sine_of(Pair rest) {
  constexpr double k_coefficients[] = {-1.0 / 6,        1.0 / 120,        -1.0 / 5040,          1.0 / 362880,
                                       -1.0 / 39916800, 1.0 / 6227020800, -1.0 / 1307674368000, 1.0 / 355687428096000};
  const double square = rest.high * rest.high;
  const double tail = rest.high * square * polynomial(k_coefficients, square);
  return rest.high + (tail + rest.low * (1.0 - 0.5 * square));
}

/// Taylor's series of cosine: 1 - x^2 / 2 + ..., whose first difference is kept exactly.
inline double cosine_of(Pair rest) {
  constexpr double k_coefficients[] = {
      1.0 / 24,        -1.0 / 720,         1.0 / 40320,          -1.0 / 3628800,
      1.0 / 479001600, -1.0 / 87178291200, 1.0 / 20922789888000, -1.0 / 6402373705728000};
  const double square = rest.high * rest.high;
  const double half_square = 0.5 * square;
  const double sum = 1.0 - half_square;
  const double lost = (1.0 - sum) - half_square;
  const double tail = square * square * polynomial(k_coefficients, square);
  return sum + (lost + (tail - rest.high * rest.low));
}

inline double power_of_two(int n) { return std::bit_cast<double>(static_cast<std::uint64_t>(n + 1023) << 52U); }

/// e^(high + low), |low| small beside 1.
inline double exponential_of(Pair x) {
  constexpr double k_coefficients[] = {1.0 / 2,       1.0 / 6,        1.0 / 24,        1.0 / 120,
                                       1.0 / 720,     1.0 / 5040,     1.0 / 40320,     1.0 / 362880,
                                       1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800};
  if (x.high != x.high) return x.high;
  if (x.high > 709.79) return std::numeric_limits<double>::infinity();
  if (x.high < -745.2) return 0.0;
  const double n = nearest_integer(x.high * 0x1.71547652b82fep+0);
  const double start = x.high - n * 0x1.62e42fefa38p-1;  // exact: that part of ln 2 has 42 bits, n has 11
  const Pair rest = exact_sum(start, x.low - n * 0x1.ef35793c7673p-45);
  const double tail = rest.high * rest.high * polynomial(k_coefficients, rest.high);
  const double mantissa = 1.0 + (rest.high + (tail + rest.low));
  const int exponent = static_cast<int>(n);
  const int half = exponent / 2;
  return mantissa * power_of_two(half) * power_of_two(exponent - half);  // two steps reach all exponents
}

/// ln x with about 58 bits, for 0 < x < infinity: x = 2^n m, ln m = 2 atanh(s), s = (m - 1) / (m + 1), |s| <= 0.172.
inline Pair logarithm_of(double x) {
  constexpr double k_coefficients[] = {2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11, 2.0 / 13,
                                       2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21, 2.0 / 23};
  const bool tiny = x < 0x1p-1022;
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(tiny ? x * 0x1p+54 : x);
  constexpr std::uint64_t k_root_half = 0x3FE6A09E667F3BCDU;  // sqrt(1/2): m lies in [sqrt(1/2), sqrt 2)
  const std::uint64_t above = bits - k_root_half;
  const int n = static_cast<int>(static_cast<std::int64_t>(above) >> 52U) - (tiny ? 54 : 0);
  const double m = std::bit_cast<double>((above & 0x000FFFFFFFFFFFFFU) + k_root_half);
  const double numerator = m - 1.0;
  const Pair denominator = exact_sum(m, 1.0);
  const double s = numerator / denominator.high;
  const Pair product = exact_product(s, denominator.high);
  const double s_low = (((numerator - product.high) - product.low) - s * denominator.low) / denominator.high;
  const double square = s * s;
  const double tail = s * square * polynomial(k_coefficients, square);
  const Pair sum = exact_sum(n * 0x1.62e42fefa38p-1, 2.0 * s);
  return exact_sum(sum.high, sum.low + (n * 0x1.ef35793c7673p-45 + (2.0 * s_low + tail)));
}

}  // namespace math_detail

EIGENFORMER_INLINE double sine(double x) {
  if (!(x >= -2e8 && x <= 2e8)) return std::numeric_limits<double>::quiet_NaN();
  if (x == 0) return x;
  const math_detail::ReducedAngle angle = math_detail::reduce_angle(x);
  const double value = angle.quadrant % 2 == 0 ? math_detail::sine_of(angle.rest) : math_detail::cosine_of(angle.rest);
  return angle.quadrant < 2 ? value : -value;
}

EIGENFORMER_INLINE double cosine(double x) {
  if (!(x >= -2e8 && x <= 2e8)) return std::numeric_limits<double>::quiet_NaN();
  const math_detail::ReducedAngle angle = math_detail::reduce_angle(x);
  const double value = angle.quadrant % 2 == 0 ? math_detail::cosine_of(angle.rest) : math_detail::sine_of(angle.rest);
  return angle.quadrant == 1 || angle.quadrant == 2 ? -value : value;
}

EIGENFORMER_INLINE double exponential(double x) { return math_detail::exponential_of({x, 0.0}); }

EIGENFORMER_INLINE double logarithm(double x) {
  if (x == 0) return -std::numeric_limits<double>::infinity();
  if (!(x > 0)) return std::numeric_limits<double>::quiet_NaN();
  if (x > std::numeric_limits<double>::max()) return x;
  const math_detail::Pair result = math_detail::logarithm_of(x);
  return result.high;
}

EIGENFORMER_INLINE double power(double base, double exponent) {
  if (exponent == 0 || base == 1) return 1.0;
  if (!(base > 0 && base <= std::numeric_limits<double>::max())) {
    return base < 0 ? std::numeric_limits<double>::quiet_NaN() : exponential(exponent * logarithm(base));
  }
  const math_detail::Pair log = math_detail::logarithm_of(base);
  const double estimate = exponent * log.high;
  if (!(estimate > -760 && estimate < 720)) return exponential(estimate);  // 0, infinity or NaN
  const math_detail::Pair product = math_detail::exact_product(exponent, log.high);
  return math_detail::exponential_of({product.high, product.low + exponent * log.low});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
