#include "eigenformer/generate/largest_score.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace largest_score_test {

namespace ef = eigenformer;

TEST(IndexOfLargest, TakesTheLowestOfEqualOnesWhereverTheyAre) {
  for (std::size_t size = 1; size < 70; ++size) {
    for (std::size_t first = 0; first < size; ++first) {
      std::vector<float> values(size, -5);
      values[first] = 2;
      EXPECT_EQ(ef::generation::index_of_largest(values), first);
      for (std::size_t second = first + 1; second < size; ++second) {
        values[second] = 2;
        ASSERT_EQ(ef::generation::index_of_largest(values), first) << size << " " << second;
      }
    }
  }
  EXPECT_EQ(ef::generation::index_of_largest(std::vector<float>{-1, -0.0F, 0.0F}), 1U);  // zeros are equal
}

TEST(LargestScore, MayBeMinusInfinity) {
  constexpr float k_never = -std::numeric_limits<float>::infinity();
  std::vector<float> values(37, k_never);
  EXPECT_EQ(ef::generation::largest_score(values), k_never);
  values[36] = -3e38F;
  EXPECT_EQ(ef::generation::largest_score(values), -3e38F);
}

}  // namespace largest_score_test
