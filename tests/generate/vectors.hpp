// Scores and sets of tokens of the recipes: made here as processors_recipe.py makes them.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "eigenformer/core/philox.hpp"

namespace eigenformer_tests {

/// Counted random numbers.
inline std::array<std::uint32_t, 4> words_of(std::uint32_t vector, std::uint32_t purpose, std::uint32_t index) {
  return eigenformer::philox4x32({index, vector, purpose, 0}, {20240613, 5});
}

inline std::vector<float> scores_of(std::uint32_t vector, std::uint32_t size) {
  std::vector<float> scores;
  for (std::uint32_t index = 0; index < size; ++index) {
    const auto [first, second, third, fourth] = words_of(vector, 0, index);
    const std::uint32_t sum = (first >> 16U) + (first & 0xFFFFU) + (second >> 16U) + (second & 0xFFFFU);
    scores.push_back(std::ldexp(static_cast<float>(sum) - 131070, static_cast<int>(vector % 4) - 15));
  }
  return scores;
}

/// Bit i of the hexadecimal number is token i.
inline std::vector<bool> tokens_of_mask(const std::string& digits, std::size_t size) {
  std::vector<bool> tokens(size, false);
  for (std::size_t index = 0; index < size; ++index) {
    const std::size_t place = index / 4;
    if (place >= digits.size()) break;
    const char digit = digits[digits.size() - 1 - place];
    const int value = digit <= '9' ? digit - '0' : digit - 'a' + 10;
    tokens[index] = ((value >> (index % 4)) & 1) != 0;
  }
  return tokens;
}

}  // namespace eigenformer_tests
