// The binary32 functions against libm's double precision: the errors that docs/numerics.md states.
#include "eigenformer/kernels/float_math.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace {

namespace scalar = eigenformer::kernels::scalar;

constexpr double k_pi = 3.14159265358979323846;

double error_in_ulp(float value, double truth) {
  int exponent = 0;
  std::frexp(static_cast<float>(truth), &exponent);
  exponent = exponent < -125 ? -125 : exponent;
  return std::fabs(value - truth) / std::ldexp(1.0, exponent - 24);
}

/// The float whose place among all floats is `place`, 0 for 0.
float float_at(std::int64_t place) {
  const auto magnitude = static_cast<std::uint32_t>(place < 0 ? -place : place);
  return std::bit_cast<float>(place < 0 ? magnitude | 0x80000000U : magnitude);
}

std::int64_t place_of(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const auto magnitude = static_cast<std::int64_t>(bits & 0x7FFFFFFFU);
  return (bits >> 31U) != 0 ? -magnitude : magnitude;
}

/// Largest error over about a million floats from low to high, evenly among the representable ones.
template <class Function, class Truth>
double worst(Function function, Truth truth, float low, float high) {
  const std::int64_t first = place_of(low);
  const std::int64_t last = place_of(high);
  const std::int64_t step = (last - first) / 1000003 + 1;
  double largest = 0;
  for (std::int64_t place = first; place <= last; place += step) {
    const float x = float_at(place);
    largest = std::fmax(largest, error_in_ulp(function(x), truth(static_cast<double>(x))));
  }
  return largest;
}

double true_sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double true_tail(double x) { return 0.5 * std::erfc(x / std::sqrt(2.0)); }
double true_gelu(double x) { return x * true_tail(-x); }
double true_gelu_tanh(double x) { return x * true_sigmoid(2 * std::sqrt(2 / k_pi) * (x + 0.044715 * x * x * x)); }

TEST(FloatMath, Exponential) {
  EXPECT_LT(worst(
                scalar::exponential, [](double x) { return std::exp(x); }, -87.3F, 88.375F),
            1.0);
  EXPECT_EQ(scalar::exponential(0.0F), 1.0F);
  EXPECT_EQ(scalar::exponential(-0.0F), 1.0F);
  EXPECT_EQ(scalar::exponential(std::nextafter(-87.3F, -100.0F)), 0.0F);
  EXPECT_GT(scalar::exponential(-87.3F), std::numeric_limits<float>::min());
  EXPECT_EQ(scalar::exponential(-std::numeric_limits<float>::infinity()), 0.0F);
  EXPECT_EQ(scalar::exponential(-std::numeric_limits<float>::max()), 0.0F);
  EXPECT_EQ(scalar::exponential(std::numeric_limits<float>::infinity()), scalar::exponential(88.375F));
  EXPECT_LT(scalar::exponential(88.375F), std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(scalar::exponential(std::numeric_limits<float>::quiet_NaN())));
}

TEST(FloatMath, SigmoidAndSilu) {
  EXPECT_LT(worst(scalar::sigmoid, true_sigmoid, -87.3F, 100.0F), 2.5);
  EXPECT_LT(worst(
                scalar::silu, [](double x) { return x * true_sigmoid(x); }, -87.3F, 100.0F),
            3.1);
  EXPECT_EQ(scalar::sigmoid(0.0F), 0.5F);
  EXPECT_EQ(scalar::sigmoid(-88.0F), 0.0F);
  EXPECT_EQ(scalar::sigmoid(1e30F), 1.0F);
  EXPECT_EQ(scalar::silu(-1e30F), 0.0F);
  EXPECT_EQ(scalar::silu(1e30F), 1e30F);
}

TEST(FloatMath, HyperbolicTangent) {
  EXPECT_LT(worst(
                scalar::hyperbolic_tangent, [](double x) { return std::tanh(x); }, -100.0F, 100.0F),
            2.5);
  EXPECT_EQ(scalar::hyperbolic_tangent(1e30F), 1.0F);
  EXPECT_EQ(scalar::hyperbolic_tangent(-20.0F), -1.0F);
  EXPECT_EQ(scalar::hyperbolic_tangent(0x1p-149F), 0x1p-149F);
  EXPECT_TRUE(std::signbit(scalar::hyperbolic_tangent(-0.0F)));
}

TEST(FloatMath, ErrorFunction) {
  EXPECT_LT(worst(
                scalar::error_function, [](double x) { return std::erf(x); }, -100.0F, 100.0F),
            1.7);
  EXPECT_EQ(scalar::error_function(5.0F), 1.0F);
  EXPECT_EQ(scalar::error_function(-1e30F), -1.0F);
}

TEST(FloatMath, Gelu) {
  EXPECT_LT(worst(scalar::gelu, true_gelu, -1.0F, 100.0F), 2.5);
  EXPECT_LT(worst(scalar::gelu, true_gelu, -12.9F, -1.0F), 6.5);
  EXPECT_EQ(scalar::gelu(-1e30F), 0.0F);
  EXPECT_EQ(scalar::gelu(1e30F), 1e30F);
}

TEST(FloatMath, GeluTanh) {
  EXPECT_LT(worst(scalar::gelu_tanh, true_gelu_tanh, -1.0F, 100.0F), 3.0);
  double largest = 0;
  for (float x = -14.0F; x < -1.0F; x += 1e-4F) {
    largest = std::fmax(largest, std::fabs(scalar::gelu_tanh(x) - true_gelu_tanh(x)));
  }
  EXPECT_LT(largest, 5e-8);
  EXPECT_EQ(scalar::gelu_tanh(-1e30F), 0.0F);
  EXPECT_EQ(scalar::gelu_tanh(1e30F), 1e30F);
}

TEST(FloatMath, ReluIsASelection) {
  EXPECT_EQ(scalar::relu(-3.0F), 0.0F);
  EXPECT_EQ(scalar::relu(3.0F), 3.0F);
  EXPECT_TRUE(std::isnan(scalar::relu(std::numeric_limits<float>::quiet_NaN())));
}

}  // namespace
