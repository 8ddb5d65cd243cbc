// Elementary functions in double precision, for tables (rotary positions, sinusoids, schedules): libm's differ between
// machines, these do not. They use +, -, *, / in a fixed order and nothing else; -ffp-contract=off keeps it so.
// Errors are stated in units of the last place of the result, as tests/core/math_test.cpp measures them.
#pragma once

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// Error below 0.9 ulp for |x| <= 2e8; NaN beyond, where the argument's own spacing makes a table meaningless.
double sine(double x);

/// Error below 0.9 ulp for |x| <= 2e8; NaN beyond.
double cosine(double x);

/// e^x, error below 1 ulp (1.5 where the result is subnormal); infinity above 709.78, 0 below -745.2.
double exponential(double x);

/// ln x, error below 0.6 ulp; -infinity at 0, NaN below.
double logarithm(double x);

/// base^exponent for base >= 0, error below 1 ulp where the result is normal; NaN for a negative base.
double power(double base, double exponent);

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/core/math-inl.hpp"
#endif
