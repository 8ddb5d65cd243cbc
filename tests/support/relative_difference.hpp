// How far a tensor is from the one that it should be.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace eigenformer_tests {

/// max|a - b| / max|b|. Tensors of unequal sizes are a failure.
inline double relative_difference(const std::vector<float>& ours, const std::vector<float>& theirs) {
  EXPECT_EQ(ours.size(), theirs.size());
  double difference = 0.0, size = 0.0;
  for (std::size_t index = 0; index < std::min(ours.size(), theirs.size()); ++index) {
    difference = std::max(difference, std::abs(double{ours[index]} - theirs[index]));
    size = std::max(size, std::abs(double{theirs[index]}));
  }
  return difference / size;
}

}  // namespace eigenformer_tests
