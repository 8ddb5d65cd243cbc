// Scaled dot-product attention: its formula in double precision under every option, and what must hold whatever the
// numbers are.
#include "eigenformer/ops/attention.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>

#include "eigenformer/core/half.hpp"
#include "tests/ops/attention_reference.hpp"
#include "tests/support/errors.hpp"

namespace eigenformer {
namespace {

using ops::Sight;
using testing_ops::AttentionProblem;
using testing_ops::EveryInstructionSet;
using testing_ops::Numbers;
using testing_ops::problem_sizes;
using testing_ops::ProblemSize;
using testing_ops::relative_difference;
using testing_ops::same_bits;

constexpr double k_tolerance = 1e-5;

class Attention : public EveryInstructionSet {
 protected:
  void expect_formula(const AttentionProblem& problem, const char* what) const {
    const std::vector<float> output = problem.solve(kernels());
    EXPECT_LT(relative_difference(output, problem.solve_in_double()), k_tolerance)
        << what << ", " << problem.size.rows << " rows, " << problem.size.slots << " slots";
    EXPECT_TRUE(same_bits(output, problem.solve(scalar()))) << what;
  }
};

TEST_P(Attention, SeesEverything) {
  for (const ProblemSize& size : problem_sizes()) expect_formula(AttentionProblem(size, 1), "bidirectional");
}

TEST_P(Attention, SeesThePast) {
  for (const ProblemSize& size : problem_sizes()) {
    AttentionProblem problem(size, 2);
    problem.options.sight = Sight::past;
    problem.options.first_query_slot = static_cast<std::uint32_t>(std::max<Eigen::Index>(0, size.slots - size.rows));
    expect_formula(problem, "causal");
  }
}

TEST_P(Attention, SeesAWindow) {
  for (const ProblemSize& size : problem_sizes()) {
    for (const std::uint32_t window : {1U, 2U, 31U, 32U, 33U, 64U, 1000U}) {
      AttentionProblem problem(size, 3);
      problem.options.sight = Sight::past;
      problem.options.window = window;
      problem.options.first_query_slot = static_cast<std::uint32_t>(std::max<Eigen::Index>(0, size.slots - size.rows));
      expect_formula(problem, "sliding window");
    }
  }
}

TEST_P(Attention, SeesWhatAMaskShows) {
  for (const ProblemSize& size : problem_sizes()) {
    Numbers numbers(4);
    const auto count = static_cast<std::size_t>(size.rows * size.slots);
    const std::unique_ptr<bool[]> mask(new bool[count]);
    for (std::size_t i = 0; i < count; ++i) mask[i] = numbers.below(3) != 0;
    AttentionProblem problem(size, 5);
    problem.options.mask.emplace(mask.get(), size.rows, size.slots);
    expect_formula(problem, "mask");
    problem.options.sight = Sight::past;
    expect_formula(problem, "mask and causal");
  }
}

TEST_P(Attention, AddsABias) {
  for (const ProblemSize& size : problem_sizes()) {
    for (const Eigen::Index heads : {Eigen::Index{1}, size.heads}) {
      AttentionProblem problem(size, 6);
      std::vector<float> bias = Numbers(7).vector(static_cast<std::size_t>(heads * size.rows * size.slots), 4.0F);
      if (bias.size() > 4) bias[3] = -std::numeric_limits<float>::infinity();
      problem.options.bias =
          ops::ConstHeadsView{bias.data(), heads, size.rows, size.slots, size.rows * size.slots, size.slots};
      expect_formula(problem, "bias");
    }
  }
}

TEST_P(Attention, CapsScores) {
  for (const ProblemSize& size : problem_sizes()) {
    for (const float softcap : {0.5F, 5.0F, 50.0F}) {
      AttentionProblem problem(size, 8);
      problem.options.scale = 1.5F;
      problem.options.softcap = softcap;
      expect_formula(problem, "softcap");
    }
  }
}

TEST_P(Attention, RoundsKeysAndValuesToTheCacheType) {
  for (const ProblemSize& size : problem_sizes()) {
    AttentionProblem rounded(size, 9);
    AttentionProblem problem = rounded;
    problem.options.type = kernels::CacheType::f16;
    for (std::vector<float>* values : {&rounded.keys, &rounded.values}) {
      for (float& value : *values) value = float_from_half(half_from_float_saturating(value));
    }
    EXPECT_TRUE(same_bits(problem.solve(kernels()), rounded.solve(kernels())));
    EXPECT_TRUE(same_bits(problem.solve(kernels()), problem.solve(scalar())));
  }
}

TEST_P(Attention, CodesAreNearTheKeysAndValues) {
  for (const ProblemSize& size : problem_sizes()) {
    AttentionProblem problem(size, 22);
    const std::vector<float> exact = problem.solve(kernels());
    const std::vector<float> chances = ops::attention_probabilities(kernels(), problem.operands(), problem.options);
    problem.options.type = kernels::CacheType::int8;
    EXPECT_LT(relative_difference(problem.solve(kernels()), exact), 0.03);
    EXPECT_TRUE(same_bits(problem.solve(kernels()), problem.solve(scalar())));
    const auto near = ops::attention_probabilities(kernels(), problem.operands(), problem.options);
    EXPECT_LT(relative_difference(near, chances), 0.05);
  }
}

TEST_P(Attention, OneRowIsTheSameAsThatRowOfMany) {
  for (const ProblemSize& size : problem_sizes()) {
    AttentionProblem all(size, 10);
    all.options.sight = Sight::past;
    const std::vector<float> together = all.solve(kernels());
    const std::size_t width = together.size() / static_cast<std::size_t>(size.rows);
    for (std::size_t row = 0; row < static_cast<std::size_t>(size.rows); ++row) {
      AttentionProblem one = all;
      one.size.rows = 1;
      one.queries.assign(all.queries.data() + row * width, all.queries.data() + (row + 1) * width);
      one.options.first_query_slot = static_cast<std::uint32_t>(row);
      const std::vector<float> wanted(together.data() + row * width, together.data() + (row + 1) * width);
      ASSERT_TRUE(same_bits(one.solve(kernels()), wanted)) << "row " << row << " of " << size.rows;
    }
  }
}

TEST_P(Attention, WhatARowDoesNotSeeCannotChangeIt) {
  AttentionProblem problem({.heads = 2, .kv_heads = 1, .rows = 40, .slots = 40, .head_dim = 12}, 11);
  problem.options.sight = Sight::past;
  problem.options.window = 9;
  const std::vector<float> before = problem.solve(kernels());
  const std::size_t row = 20;  // sees slots 12 .. 20
  for (std::size_t slot = 0; slot < 40; ++slot) {
    if (slot >= 12 && slot <= 20) continue;
    std::fill_n(problem.keys.begin() + static_cast<std::ptrdiff_t>(slot * 12), 12, 1e30F);
    std::fill_n(problem.values.begin() + static_cast<std::ptrdiff_t>(slot * 12), 12,
                std::numeric_limits<float>::quiet_NaN());
  }
  const std::vector<float> after = problem.solve(kernels());
  for (std::size_t i = row * 24; i < (row + 1) * 24; ++i) ASSERT_EQ(before[i], after[i]);
}

TEST_P(Attention, DoesNotDependOnTheOrderOfKeys) {
  for (const ProblemSize& size : problem_sizes()) {
    const AttentionProblem problem(size, 12);
    AttentionProblem permuted = problem;
    const auto width = static_cast<std::size_t>(size.kv_heads * size.head_dim);
    for (std::size_t slot = 0; slot < static_cast<std::size_t>(size.slots); ++slot) {
      const std::size_t other = static_cast<std::size_t>(size.slots) - 1 - slot;
      std::copy_n(problem.keys.data() + slot * width, width, permuted.keys.data() + other * width);
      std::copy_n(problem.values.data() + slot * width, width, permuted.values.data() + other * width);
    }
    EXPECT_LT(relative_difference(permuted.solve(kernels()), problem.solve(kernels())), k_tolerance);
  }
}

TEST_P(Attention, GroupedQueriesEqualRepeatedKeys) {
  const AttentionProblem grouped({.heads = 6, .kv_heads = 2, .rows = 5, .slots = 40, .head_dim = 10}, 13);
  AttentionProblem repeated = grouped;
  repeated.size.kv_heads = 6;
  repeated.keys.clear();
  repeated.values.clear();
  for (std::size_t slot = 0; slot < 40; ++slot) {
    for (std::size_t head = 0; head < 6; ++head) {
      const std::size_t first = slot * 20 + head / 3 * 10;
      repeated.keys.insert(repeated.keys.end(), grouped.keys.data() + first, grouped.keys.data() + first + 10);
      repeated.values.insert(repeated.values.end(), grouped.values.data() + first, grouped.values.data() + first + 10);
    }
  }
  EXPECT_TRUE(same_bits(grouped.solve(kernels()), repeated.solve(kernels())));
}

TEST_P(Attention, CrossAttentionHasAnotherLengthThanItsQueries) {
  for (const Eigen::Index slots : {1, 5, 31, 65}) {
    expect_formula(AttentionProblem({.heads = 4, .kv_heads = 4, .rows = 11, .slots = slots, .head_dim = 9}, 14),
                   "cross-attention");
  }
}

TEST_P(Attention, ARowThatSeesNothingGetsZeros) {
  AttentionProblem problem({.heads = 2, .kv_heads = 2, .rows = 3, .slots = 40, .head_dim = 5}, 15);
  std::array<bool, 120> mask;
  mask.fill(true);
  std::fill_n(mask.begin() + 40, 40, false);  // row 1
  problem.options.mask.emplace(mask.data(), 3, 40);
  const std::vector<float> output = problem.solve(kernels());
  const std::vector<double> wanted = problem.solve_in_double();
  for (std::size_t i = 10; i < 20; ++i) EXPECT_EQ(output[i], 0.0F);
  EXPECT_LT(relative_difference(output, wanted), k_tolerance);

  AttentionProblem no_keys({.heads = 2, .kv_heads = 1, .rows = 2, .slots = 0, .head_dim = 5}, 16);
  no_keys.size.slots = 0;
  const ops::ConstHeadsView empty{nullptr, 1, 0, 5, 5, 5};
  std::vector<float> zeros(20, 7.0F);
  ops::scaled_dot_product_attention(kernels(), {no_keys.operands().queries, empty, empty}, {},
                                    ops::split_heads(matrix_view(zeros.data(), {2, 10, 10}), 2));
  EXPECT_EQ(zeros, std::vector<float>(20, 0.0F));
}

TEST_P(Attention, ExtremeScoresPickTheirKey) {
  AttentionProblem problem({.heads = 1, .kv_heads = 1, .rows = 1, .slots = 70, .head_dim = 4}, 17);
  std::fill(problem.queries.begin(), problem.queries.end(), 1e15F);
  std::fill(problem.keys.begin(), problem.keys.end(), -1e15F);
  for (const std::size_t winner : {std::size_t{0}, std::size_t{33}, std::size_t{69}}) {
    AttentionProblem one = problem;
    std::fill_n(one.keys.begin() + static_cast<std::ptrdiff_t>(winner * 4), 4, 1e15F);
    const std::vector<float> wanted(one.values.data() + winner * 4, one.values.data() + winner * 4 + 4);
    EXPECT_TRUE(same_bits(one.solve(kernels()), wanted)) << winner;
  }
}

TEST_P(Attention, EqualScoresGiveTheMean) {
  AttentionProblem problem({.heads = 1, .kv_heads = 1, .rows = 1, .slots = 64, .head_dim = 1}, 18);
  std::fill(problem.keys.begin(), problem.keys.end(), 0.25F);
  std::iota(problem.values.begin(), problem.values.end(), 0.0F);
  EXPECT_EQ(problem.solve(kernels()), std::vector<float>{31.5F});
}

TEST_P(Attention, TwoByTwoByHand) {
  // scores [[ln 3, 0], [0, ln 3]]: chances [[3/4, 1/4], [1/4, 3/4]]
  const float ln3 = std::log(3.0F);
  AttentionProblem problem({.heads = 1, .kv_heads = 1, .rows = 2, .slots = 2, .head_dim = 2}, 0);
  problem.queries = {1, 0, 0, 1};
  problem.keys = {ln3, 0, 0, ln3};
  problem.values = {4, 8, -4, 16};
  problem.options.scale = 1;
  const auto expect_near = [&](const std::vector<float>& wanted) {
    const std::vector<float> output = problem.solve(kernels());
    for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(output[i], wanted[i], 4e-6) << i;
  };
  expect_near({2, 10, -2, 14});
  problem.options.sight = Sight::past;  // row 0 sees slot 0 only
  expect_near({4, 8, -2, 14});
  problem.options.window = 1;  // every row sees itself only
  expect_near({4, 8, -4, 16});
  problem.options.window = 0;
  problem.options.sight = Sight::everything;
  const std::array<float, 4> bias = {-ln3, 0, 0, 0};  // row 0: both scores 0
  problem.options.bias = ops::ConstHeadsView{bias.data(), 1, 2, 2, 4, 2};
  expect_near({0, 12, -2, 14});
  problem.options.bias.reset();
  problem.options.scale = 2;  // chances [9/10, 1/10]
  expect_near({3.2F, 8.8F, -3.2F, 15.2F});
}

class Probabilities : public EveryInstructionSet {};

TEST_P(Probabilities, AreTheSoftmaxOfTheScores) {
  for (const ProblemSize& size : problem_sizes()) {
    AttentionProblem problem(size, 19);
    problem.options.sight = Sight::past;
    problem.options.softcap = 3;
    const std::vector<float> chances = ops::attention_probabilities(kernels(), problem.operands(), problem.options);
    ASSERT_EQ(chances.size(), static_cast<std::size_t>(size.heads * size.rows * size.slots));
    const float* row_chances = chances.data();
    for (Eigen::Index head = 0; head < size.heads; ++head) {
      for (Eigen::Index row = 0; row < size.rows; ++row, row_chances += size.slots) {
        const std::vector<double> wanted = problem.chances_in_double(head, row);
        double sum = 0;
        for (std::size_t slot = 0; slot < wanted.size(); ++slot) {
          ASSERT_NEAR(row_chances[slot], wanted[slot], 2e-6);
          ASSERT_EQ(row_chances[slot] == 0.0F, wanted[slot] == 0);
          sum += row_chances[slot];
        }
        EXPECT_NEAR(sum, 1.0, 1e-5);
      }
    }
    EXPECT_TRUE(same_bits(chances, ops::attention_probabilities(scalar(), problem.operands(), problem.options)));
  }
}

TEST_P(Probabilities, TimesTheValuesAreTheAttention) {
  const AttentionProblem problem({.heads = 4, .kv_heads = 2, .rows = 3, .slots = 50, .head_dim = 6}, 20);
  const std::vector<float> chances = ops::attention_probabilities(kernels(), problem.operands(), problem.options);
  std::vector<double> wanted;
  for (Eigen::Index row = 0; row < 3; ++row) {
    for (Eigen::Index head = 0; head < 4; ++head) {
      for (Eigen::Index d = 0; d < 6; ++d) {
        double sum = 0;
        for (Eigen::Index slot = 0; slot < 50; ++slot) {
          sum += static_cast<double>(chances[static_cast<std::size_t>((head * 3 + row) * 50 + slot)]) *
                 problem.operands().values.row(head / 2, slot)[d];
        }
        wanted.push_back(sum);
      }
    }
  }
  EXPECT_LT(relative_difference(problem.solve(kernels()), wanted), k_tolerance);
}

TEST(AttentionSizes, AreChecked) {
  const auto error = [](const AttentionProblem& problem) {
    return eigenformer_tests::error_of([&] {
      (void)ops::attention_probabilities(kernels::kernel_table(kernels::InstructionSet::scalar), problem.operands(),
                                         problem.options);
    });
  };
  const std::string remedy = "; pass operands whose sizes fit together";
  const AttentionProblem good({.heads = 4, .kv_heads = 2, .rows = 3, .slots = 5, .head_dim = 6}, 21);
  EXPECT_EQ(error(good), "no error");
  AttentionProblem other_values = good;
  other_values.values.resize(5 * 2 * 7);
  EXPECT_EQ(error(other_values), "shape.operand: attention, values: expected [2, 5, 6], found [2, 5, 7]" + remedy);
  AttentionProblem other_dim = other_values;
  other_dim.keys.resize(5 * 2 * 7);
  EXPECT_EQ(error(other_dim), "shape.operand: attention, head_dim of keys: expected [6], found [7]" + remedy);
  const AttentionProblem uneven({.heads = 4, .kv_heads = 3, .rows = 3, .slots = 5, .head_dim = 6}, 21);
  EXPECT_EQ(error(uneven),
            "shape.attention_heads: attention, keys: expected a number of key heads that divides 4, found 3; check the "
            "numbers of heads");
  AttentionProblem masked = good;
  const std::array<bool, 12> mask{};
  masked.options.mask.emplace(mask.data(), 3, 4);
  EXPECT_EQ(error(masked), "shape.operand: attention, mask: expected [3, 5], found [3, 4]" + remedy);
  AttentionProblem biased = good;
  const std::array<float, 45> bias{};
  biased.options.bias = ops::ConstHeadsView{bias.data(), 3, 3, 5, 15, 5};
  EXPECT_EQ(error(biased), "shape.operand: attention, bias: expected [4, 3, 5], found [3, 3, 5]" + remedy);
}

INSTANTIATE_TEST_SUITE_P(Isa, Attention, testing_ops::every_instruction_set(), testing_ops::instruction_set_test_name);
INSTANTIATE_TEST_SUITE_P(Isa, Probabilities, testing_ops::every_instruction_set(),
                         testing_ops::instruction_set_test_name);

}  // namespace
}  // namespace eigenformer
