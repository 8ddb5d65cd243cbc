#include "eigenformer/core/half.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace {

namespace ef = eigenformer;

std::uint32_t bits_of(float value) { return std::bit_cast<std::uint32_t>(value); }

TEST(Half, EveryHalfIsTheValueItsFieldsSay) {
  for (std::uint32_t half = 0; half < 0x10000U; ++half) {
    const int exponent = static_cast<int>(half >> 10U & 31U);
    const auto mantissa = static_cast<float>(half & 0x3FFU);
    const float value = ef::float_from_half(static_cast<std::uint16_t>(half));
    EXPECT_EQ(std::signbit(value), (half & 0x8000U) != 0);
    if (exponent == 31) {
      EXPECT_EQ(std::isinf(value), mantissa == 0);
      EXPECT_EQ(std::isnan(value), mantissa != 0);
    } else if (exponent == 0) {
      EXPECT_EQ(std::fabs(value), std::ldexp(mantissa, -24));
    } else {
      EXPECT_EQ(std::fabs(value), std::ldexp(1024 + mantissa, exponent - 25));
    }
  }
}

TEST(Half, EveryFiniteHalfComesBack) {
  for (std::uint32_t half = 0; half < 0x10000U; ++half) {
    if ((half >> 10U & 31U) == 31) continue;
    const float value = ef::float_from_half(static_cast<std::uint16_t>(half));
    EXPECT_EQ(ef::half_from_float_saturating(value), half);
  }
}

// Between each two neighbours: below the middle, the middle (to even), above it.
TEST(Half, RoundsToNearestAndHalfToEven) {
  for (std::uint32_t half = 0; half < 0x7BFFU; ++half) {
    const float low = ef::float_from_half(static_cast<std::uint16_t>(half));
    const float high = ef::float_from_half(static_cast<std::uint16_t>(half + 1));
    const float middle = (low + high) / 2;  // exact in binary32
    const std::uint32_t even = (half & 1U) == 0 ? half : half + 1;
    EXPECT_EQ(ef::half_from_float_saturating(middle), even);
    EXPECT_EQ(ef::half_from_float_saturating(std::nextafter(middle, 0.0F)), half);
    EXPECT_EQ(ef::half_from_float_saturating(std::nextafter(middle, 1e9F)), half + 1);
    EXPECT_EQ(ef::half_from_float_saturating(-middle), even | 0x8000U);
  }
}

TEST(Half, SaturatesAtTheLargest) {
  for (const float value : {65504.0F, 65519.0F, 65520.0F, 1e6F, std::numeric_limits<float>::max(),
                            std::numeric_limits<float>::infinity()}) {
    EXPECT_EQ(ef::half_from_float_saturating(value), 0x7BFFU) << value;
    EXPECT_EQ(ef::half_from_float_saturating(-value), 0xFBFFU) << value;
  }
  EXPECT_TRUE(std::isnan(ef::float_from_half(ef::half_from_float_saturating(std::numeric_limits<float>::quiet_NaN()))));
}

TEST(Half, Bfloat16IsTheUpperHalfOfAFloat) {
  for (std::uint32_t value = 0; value < 0x10000U; ++value) {
    EXPECT_EQ(bits_of(ef::float_from_bfloat16(static_cast<std::uint16_t>(value))), value << 16U);
  }
}

}  // namespace
