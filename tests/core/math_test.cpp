#include "eigenformer/core/math.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include "eigenformer/core/fused_multiply_add.hpp"

namespace {

namespace ef = eigenformer;

/// Whether the C library's functions can judge ours: MinGW-w64's fma rounds twice, and its sinl loses digits far out.
#if defined(__MINGW32__)
constexpr bool k_library_is_precise = false;
#else
constexpr bool k_library_is_precise = true;
#endif
constexpr const char* k_imprecise = "this C library is less precise than what it would judge";

/// Distance from the truth in units of the last place of the binary64 result.
double error_in_ulp(double value, long double truth) {
  int exponent = 0;
  std::frexp(static_cast<double>(truth), &exponent);
  exponent = exponent < -1021 ? -1021 : exponent;
  return static_cast<double>(std::fabs(static_cast<long double>(value) - truth) / std::ldexp(1.0L, exponent - 53));
}

TEST(Math, SineAndCosineOverTheRange) {
  if (!k_library_is_precise) GTEST_SKIP() << k_imprecise;
  std::mt19937_64 random(1);
  double worst_sine = 0;
  double worst_cosine = 0;
  for (const double range : {0.8, 7.0, 100.0, 1e4, 1e6, 2e8}) {
    std::uniform_real_distribution<double> draw(-range, range);
    for (int i = 0; i < 200000; ++i) {
      const double x = draw(random);
      worst_sine = std::max(worst_sine, error_in_ulp(ef::sine(x), std::sin(static_cast<long double>(x))));
      worst_cosine = std::max(worst_cosine, error_in_ulp(ef::cosine(x), std::cos(static_cast<long double>(x))));
    }
  }
  RecordProperty("worst_sine_ulp", std::to_string(worst_sine));
  RecordProperty("worst_cosine_ulp", std::to_string(worst_cosine));
  EXPECT_LT(worst_sine, 0.9);
  EXPECT_LT(worst_cosine, 0.9);
}

TEST(Math, SineNearMultiplesOfPi) {
  if (!k_library_is_precise) GTEST_SKIP() << k_imprecise;
  for (int n = 1; n < 600000; n += 7) {
    const double x = static_cast<double>(n * 3.14159265358979323846264338327950288L);
    EXPECT_LT(error_in_ulp(ef::sine(x), std::sin(static_cast<long double>(x))), 0.9) << n;
  }
}

TEST(Math, SineAndCosineAtTheEdges) {
  EXPECT_EQ(ef::sine(0.0), 0.0);
  EXPECT_TRUE(std::signbit(ef::sine(-0.0)));
  EXPECT_EQ(ef::cosine(0.0), 1.0);
  EXPECT_EQ(ef::sine(0x1p-1060), 0x1p-1060);
  EXPECT_TRUE(std::isnan(ef::sine(3e8)));
  EXPECT_TRUE(std::isnan(ef::cosine(std::numeric_limits<double>::infinity())));
  EXPECT_TRUE(std::isnan(ef::cosine(std::numeric_limits<double>::quiet_NaN())));
}

TEST(Math, ExponentialOverTheRange) {
  std::mt19937_64 random(2);
  double worst = 0;
  for (const double range : {1e-3, 1.0, 30.0, 708.0}) {
    std::uniform_real_distribution<double> draw(-range, range);
    for (int i = 0; i < 300000; ++i) {
      const double x = draw(random);
      worst = std::max(worst, error_in_ulp(ef::exponential(x), std::exp(static_cast<long double>(x))));
    }
  }
  RecordProperty("worst_ulp", std::to_string(worst));
  EXPECT_LT(worst, 1.0);
  for (double x = -745.1; x < -708; x += 0.01) {
    EXPECT_LT(error_in_ulp(ef::exponential(x), std::exp(static_cast<long double>(x))), 1.5) << x;
  }
}

TEST(Math, ExponentialAtTheEdges) {
  EXPECT_EQ(ef::exponential(0.0), 1.0);
  EXPECT_EQ(ef::exponential(710.0), std::numeric_limits<double>::infinity());
  EXPECT_EQ(ef::exponential(-std::numeric_limits<double>::infinity()), 0.0);
  EXPECT_EQ(ef::exponential(-800.0), 0.0);
  EXPECT_LT(ef::exponential(709.78), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(ef::exponential(std::numeric_limits<double>::quiet_NaN())));
}

TEST(Math, LogarithmOverTheRange) {
  std::mt19937_64 random(3);
  std::uniform_int_distribution<std::uint64_t> bits(1, 0x7FEFFFFFFFFFFFFFU);
  std::uniform_real_distribution<double> near_one(0.5, 2.0);
  double worst = 0;
  for (int i = 0; i < 500000; ++i) {
    for (const double x : {std::bit_cast<double>(bits(random)), near_one(random), 1 + 1e-6 * (near_one(random) - 1)}) {
      worst = std::max(worst, error_in_ulp(ef::logarithm(x), std::log(static_cast<long double>(x))));
    }
  }
  RecordProperty("worst_ulp", std::to_string(worst));
  EXPECT_LT(worst, 0.6);
}

TEST(Math, LogarithmAtTheEdges) {
  EXPECT_EQ(ef::logarithm(1.0), 0.0);
  EXPECT_EQ(ef::logarithm(0.0), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(ef::logarithm(std::numeric_limits<double>::infinity()), std::numeric_limits<double>::infinity());
  EXPECT_LT(error_in_ulp(ef::logarithm(0x1p-1074), std::log(0x1p-1074L)), 0.6);
  EXPECT_TRUE(std::isnan(ef::logarithm(-1.0)));
  EXPECT_TRUE(std::isnan(ef::logarithm(std::numeric_limits<double>::quiet_NaN())));
}

TEST(Math, PowerOverTheRange) {
  if (!k_library_is_precise) GTEST_SKIP() << k_imprecise;
  std::mt19937_64 random(4);
  double worst_near = 0;
  double worst_far = 0;
  for (int i = 0; i < 1000000; ++i) {
    const double base = std::exp(std::uniform_real_distribution<double>(-40, 40)(random));
    const double near = std::uniform_real_distribution<double>(-1, 1)(random);
    worst_near =
        std::max(worst_near, error_in_ulp(ef::power(base, near), std::pow(static_cast<long double>(base), near)));
    const double far = std::uniform_real_distribution<double>(-17.5, 17.5)(random);
    worst_far = std::max(worst_far, error_in_ulp(ef::power(base, far), std::pow(static_cast<long double>(base), far)));
  }
  RecordProperty("worst_near_ulp", std::to_string(worst_near));
  RecordProperty("worst_far_ulp", std::to_string(worst_far));
  EXPECT_LT(worst_near, 1.0);
  EXPECT_LT(worst_far, 1.0);
}

TEST(Math, PowerAtTheEdges) {
  EXPECT_EQ(ef::power(10000.0, 0.0), 1.0);
  EXPECT_EQ(ef::power(1.0, 1e300), 1.0);
  EXPECT_EQ(ef::power(2.0, 10.0), 1024.0);
  EXPECT_EQ(ef::power(10000.0, 0.5), 100.0);
  EXPECT_EQ(ef::power(0.0, 2.0), 0.0);
  EXPECT_EQ(ef::power(0.0, -2.0), std::numeric_limits<double>::infinity());
  EXPECT_EQ(ef::power(10.0, 400.0), std::numeric_limits<double>::infinity());
  EXPECT_EQ(ef::power(10.0, -400.0), 0.0);
  EXPECT_TRUE(std::isnan(ef::power(-2.0, 2.0)));
  EXPECT_TRUE(std::isnan(ef::power(2.0, std::numeric_limits<double>::quiet_NaN())));
}

// The bits that every machine must give: a table of positions is made of these.
TEST(Math, RecordedBits) {
  EXPECT_EQ(ef::sine(123456.789), -0x1.ff50e60ab53f9p-1);
  EXPECT_EQ(ef::cosine(31.0), 0x1.d4591c3e12a2p-1);
  EXPECT_EQ(ef::exponential(-3.25), 0x1.3da368521902dp-5);
  EXPECT_EQ(ef::logarithm(500000.0), 0x1.a3ea669a05c01p+3);
  EXPECT_EQ(ef::power(10000.0, 14.0 / 64.0), 0x1.dfeeaad15b5p+2);
}

/// Every bit, but any NaN equals any other.
bool same(float left, float right) {
  if (std::isnan(left) || std::isnan(right)) return std::isnan(left) && std::isnan(right);
  return std::bit_cast<std::uint32_t>(left) == std::bit_cast<std::uint32_t>(right);
}

void expect_exact(float a, float b, float c) {
  const float truth = std::fma(a, b, c);
  ASSERT_TRUE(same(ef::fused_multiply_add_emulated(a, b, c), truth)) << std::hexfloat << a << " " << b << " " << c;
  ASSERT_TRUE(same(ef::fused_multiply_add(a, b, c), truth)) << std::hexfloat << a << " " << b << " " << c;
}

TEST(FusedMultiplyAdd, EveryPairOfEdges) {
  if (!k_library_is_precise) GTEST_SKIP() << k_imprecise;
  const float infinity = std::numeric_limits<float>::infinity();
  const float edges[] = {0.0F,           0x1p-149F,
                         0x1.8p-148F,    0x1.fffffcp-127F,
                         0x1p-126F,      0x1.000002p-126F,
                         0x1p-75F,       0x1p-25F,
                         0x1p-24F,       0x1.000002p-24F,
                         0.5F,           0x1.fffffep-1F,
                         1.0F,           0x1.000002p0F,
                         0x1.8p0F,       3.0F,
                         0x1.fffffep23F, 0x1p24F,
                         0x1.000002p24F, 0x1.fffffep127F,
                         infinity,       std::numeric_limits<float>::quiet_NaN()};
  for (const float a : edges) {
    for (const float b : edges) {
      for (const float c : edges) {
        for (int signs = 0; signs < 8; ++signs) {
          expect_exact((signs & 1) != 0 ? -a : a, (signs & 2) != 0 ? -b : b, (signs & 4) != 0 ? -c : c);
        }
      }
    }
  }
}

TEST(FusedMultiplyAdd, RandomBits) {
  if (!k_library_is_precise) GTEST_SKIP() << k_imprecise;
  std::mt19937_64 random(5);
  for (int i = 0; i < 2000000; ++i) {
    const std::uint64_t bits = random();
    const float a = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    const float b = std::bit_cast<float>(static_cast<std::uint32_t>(bits >> 32U));
    expect_exact(a, b, std::bit_cast<float>(static_cast<std::uint32_t>(random())));
  }
}

// Addends near the product, near its cancellation and near half a unit of it: where rounding twice goes wrong.
TEST(FusedMultiplyAdd, TiesAndCancellations) {
  if (!k_library_is_precise) GTEST_SKIP() << k_imprecise;
  std::mt19937_64 random(6);
  for (int i = 0; i < 2000000; ++i) {
    const std::uint64_t bits = random();
    const auto mantissa = [](std::uint64_t from) { return 0x3F800000U | static_cast<std::uint32_t>(from & 0x7FFFFFU); };
    const int exponent = static_cast<int>(bits >> 48U) % 250 - 125;
    const float a = std::bit_cast<float>(mantissa(bits));
    const float b = std::ldexp(std::bit_cast<float>(mantissa(bits >> 23U)), exponent);
    const float product = a * b;
    const int shift = static_cast<int>(random() % 60) - 30;
    expect_exact(a, b, -product);
    expect_exact(a, b, std::ldexp(1.0F, exponent + shift));
    expect_exact(a, b, -std::ldexp(product, shift));
    expect_exact(a, b, -std::nextafter(product, 0.0F));
  }
}

}  // namespace
