// What several tests of generation begin with and compare.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "eigenformer/generate.hpp"

namespace eigenformer_tests {

/// A prompt of the tiny model: ids from 0 to `below` - 1.
inline std::vector<eigenformer::TokenId> tiny_prompt(std::size_t size, std::size_t below = 300) {
  std::vector<eigenformer::TokenId> ids(size);
  for (std::size_t index = 0; index < size; ++index) ids[index] = static_cast<eigenformer::TokenId>(index * 31 % below);
  return ids;
}

inline void expect_same(const std::vector<eigenformer::GeneratedSequence>& found,
                        const std::vector<eigenformer::GeneratedSequence>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t index = 0; index < found.size(); ++index) {
    EXPECT_EQ(found[index].ids, expected[index].ids);
    EXPECT_EQ(found[index].text, expected[index].text);
    EXPECT_EQ(found[index].score, expected[index].score);  // bit for bit
    EXPECT_EQ(found[index].finish_reason, expected[index].finish_reason);
  }
}

}  // namespace eigenformer_tests
