// What the tests of operations share: numbers to compute with, the kernels of every instruction set, and comparisons.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "eigenformer/kernels/select.hpp"

namespace eigenformer::testing_ops {

/// The same numbers on every machine: the engine is standardized, the distributions are not.
class Numbers {
 public:
  explicit Numbers(std::uint32_t seed) : engine_(seed) {}

  float between(float low, float high) { return low + (high - low) * static_cast<float>(engine_() >> 8U) * 0x1p-24F; }
  std::uint32_t below(std::uint32_t count) { return static_cast<std::uint32_t>(engine_() % count); }
  std::vector<float> vector(std::size_t size, float magnitude = 1.0F) {
    std::vector<float> values(size);
    for (float& value : values) value = between(-magnitude, magnitude);
    return values;
  }

 private:
  std::mt19937 engine_;
};

/// max |a - b| / max |b|
template <class A, class B>
double relative_difference(const A& a, const B& b) {
  EXPECT_EQ(a.size(), b.size());
  double difference = 0;
  double magnitude = 1e-30;
  for (std::size_t i = 0; i < b.size(); ++i) {
    const double distance = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    if (std::isnan(distance)) return distance;
    difference = std::max(difference, distance);
    magnitude = std::max(magnitude, std::abs(static_cast<double>(b[i])));
  }
  return difference / magnitude;
}

/// Equal as bits: -0 is not 0, and a NaN equals itself.
inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

/// A test that runs once for each instruction set that this machine has.
class EveryInstructionSet : public ::testing::TestWithParam<kernels::InstructionSet> {
 protected:
  const kernels::KernelTable& kernels() const { return kernels::kernel_table(GetParam()); }
  static const kernels::KernelTable& scalar() { return kernels::kernel_table(kernels::InstructionSet::scalar); }
};

inline auto every_instruction_set() { return ::testing::ValuesIn(kernels::available_instruction_sets()); }

inline std::string instruction_set_test_name(const ::testing::TestParamInfo<kernels::InstructionSet>& info) {
  return std::string(kernels::instruction_set_name(info.param));
}

}  // namespace eigenformer::testing_ops
