#include "eigenformer/core/philox.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace {

namespace ef = eigenformer;
using Words = std::array<std::uint32_t, 4>;

// The known answers of the authors' library: https://github.com/DEShawResearch/random123, tests/kat_vectors.
TEST(Philox, GivesTheKnownAnswers) {
  EXPECT_EQ(ef::philox4x32({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(ef::philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(ef::philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, IsAConstantExpression) {
  static_assert(ef::philox4x32({0, 0, 0, 0}, {0, 0})[0] == 0x6627e8d5);
  static_assert(ef::uniform({.seed = 1}) < 1.0);
}

TEST(Uniform, TakesTheUpper53BitsOfTheFirstTwoWords) {
  EXPECT_EQ(ef::uniform({}), static_cast<double>(0x6627e8d5e169c58dULL >> 11U) / 9007199254740992.0);
}

TEST(Uniform, DependsOnEveryPartOfADraw) {
  std::set<double> numbers;
  numbers.insert(ef::uniform({}));
  numbers.insert(ef::uniform({.seed = 1}));
  numbers.insert(ef::uniform({.seed = std::uint64_t{1} << 32U}));
  numbers.insert(ef::uniform({.sequence = 1}));
  numbers.insert(ef::uniform({.position = 1}));
  numbers.insert(ef::uniform({.purpose = static_cast<ef::DrawPurpose>(1)}));
  numbers.insert(ef::uniform({.attempt = 1}));
  EXPECT_EQ(numbers.size(), 7U);
}

TEST(Uniform, FillsTheUnitIntervalEvenly) {
  constexpr int k_draws = 200000;
  constexpr int k_bins = 50;
  std::array<int, k_bins> counts{};
  for (std::uint32_t position = 0; position < k_draws; ++position) {
    const double number = ef::uniform({.seed = 42, .position = position});
    ASSERT_GE(number, 0.0);
    ASSERT_LT(number, 1.0);
    ++counts[static_cast<std::size_t>(number * k_bins)];
  }
  double chi_squared = 0;
  for (const int count : counts) {
    const double expected = static_cast<double>(k_draws) / k_bins;
    chi_squared += (count - expected) * (count - expected) / expected;
  }
  EXPECT_LT(chi_squared, 85.35);  // 49 degrees of freedom, p = 0.001
  EXPECT_GT(chi_squared, 23.98);  // p = 0.999: not suspiciously even either
}

}  // namespace
