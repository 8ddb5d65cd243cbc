// Softmax, norms, activations, rotation: each against its formula in double precision, and with the same bits from
// every instruction set.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "eigenformer/kernels/scalar_table.hpp"
#include "eigenformer/ops/activation.hpp"
#include "eigenformer/ops/layer_norm.hpp"
#include "eigenformer/ops/log_softmax.hpp"
#include "eigenformer/ops/rms_norm.hpp"
#include "eigenformer/ops/rotation.hpp"
#include "eigenformer/ops/softmax.hpp"
#include "tests/ops/reference.hpp"

namespace eigenformer {
namespace {

using testing_ops::EveryInstructionSet;
using testing_ops::Numbers;
using testing_ops::relative_difference;
using testing_ops::same_bits;

constexpr Eigen::Index k_rows = 3;
const std::vector<Eigen::Index> k_sizes = {1, 2, 7, 15, 16, 17, 31, 33, 64, 100, 576};

MatrixView matrix(std::vector<float>& values, Eigen::Index rows) {
  const auto columns = static_cast<Eigen::Index>(values.size()) / rows;
  return matrix_view(values.data(), {rows, columns, columns});
}

ConstMatrixView const_matrix(const std::vector<float>& values, Eigen::Index rows) {
  const auto columns = static_cast<Eigen::Index>(values.size()) / rows;
  return matrix_view(values.data(), {rows, columns, columns});
}

std::vector<double> softmax_in_double(const float* values, std::size_t size) {
  const double maximum = *std::max_element(values, values + size);
  std::vector<double> result;
  double sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += result.emplace_back(std::exp(values[i] - maximum));
  for (double& value : result) value /= sum;
  return result;
}

class Softmax : public EveryInstructionSet {};

TEST_P(Softmax, IsItsFormula) {
  Numbers numbers(1);
  for (const Eigen::Index size : k_sizes) {
    for (const float magnitude : {0.1F, 5.0F, 60.0F}) {
      const std::vector<float> input = numbers.vector(static_cast<std::size_t>(k_rows * size), magnitude);
      std::vector<float> output = input;
      ops::softmax(kernels(), matrix(output, k_rows));
      for (Eigen::Index row = 0; row < k_rows; ++row) {
        const float* first = input.data() + row * size;
        const std::vector<float> got(output.data() + row * size, output.data() + (row + 1) * size);
        EXPECT_LT(relative_difference(got, softmax_in_double(first, static_cast<std::size_t>(size))), 1e-6) << size;
      }
    }
  }
}

TEST_P(Softmax, SumsToOne) {
  Numbers numbers(2);
  for (const Eigen::Index size : k_sizes) {
    std::vector<float> values = numbers.vector(static_cast<std::size_t>(size), 20.0F);
    ops::softmax(kernels(), matrix(values, 1));
    double sum = 0;
    for (const float value : values) {
      EXPECT_GE(value, 0.0F);
      sum += value;
    }
    EXPECT_NEAR(sum, 1.0, 1e-6) << size;
  }
}

TEST_P(Softmax, IsTheSameForScoresThatAreShifted) {
  std::vector<float> values = {1, 2, 3, 4, -5};
  std::vector<float> shifted = {1025, 1026, 1027, 1028, 1019};
  ops::softmax(kernels(), matrix(values, 1));
  ops::softmax(kernels(), matrix(shifted, 1));
  EXPECT_TRUE(same_bits(values, shifted));
}

TEST_P(Softmax, SurvivesExtremeScores) {
  std::vector<float> values = {3e38F, -3e38F, 0, 3e38F};
  ops::softmax(kernels(), matrix(values, 1));
  EXPECT_EQ(values, (std::vector<float>{0.5F, 0, 0, 0.5F}));
  std::vector<float> low = {-3e38F, -3e38F};
  ops::softmax(kernels(), matrix(low, 1));
  EXPECT_EQ(low, (std::vector<float>{0.5F, 0.5F}));
}

TEST_P(Softmax, HasTheBitsOfTheScalarKernels) {
  Numbers numbers(3);
  for (const Eigen::Index size : k_sizes) {
    std::vector<float> ours = numbers.vector(static_cast<std::size_t>(k_rows * size), 30.0F);
    std::vector<float> scalars = ours;
    ops::softmax(kernels(), matrix(ours, k_rows));
    ops::softmax(scalar(), matrix(scalars, k_rows));
    EXPECT_TRUE(same_bits(ours, scalars)) << size;
  }
}

class Norm : public EveryInstructionSet {};

TEST_P(Norm, RmsNormIsItsFormula) {
  Numbers numbers(4);
  for (const Eigen::Index size : k_sizes) {
    const std::vector<float> input = numbers.vector(static_cast<std::size_t>(k_rows * size), 3.0F);
    const std::vector<float> weight = numbers.vector(static_cast<std::size_t>(size));
    std::vector<float> output(input.size());
    std::vector<float> scalar_output(input.size());
    const ops::RmsNormOptions options{{weight.data(), size}, 1e-5F};
    ops::rms_norm(kernels(), const_matrix(input, k_rows), options, matrix(output, k_rows));
    ops::rms_norm(scalar(), const_matrix(input, k_rows), options, matrix(scalar_output, k_rows));
    std::vector<double> wanted;
    for (Eigen::Index row = 0; row < k_rows; ++row) {
      const float* x = input.data() + row * size;
      double squares = 0;
      for (Eigen::Index i = 0; i < size; ++i) squares += static_cast<double>(x[i]) * x[i];
      const double scale = 1 / std::sqrt(squares / static_cast<double>(size) + static_cast<double>(options.epsilon));
      for (Eigen::Index i = 0; i < size; ++i) wanted.push_back(x[i] * scale * weight[static_cast<std::size_t>(i)]);
    }
    EXPECT_LT(relative_difference(output, wanted), 1e-6) << size;
    EXPECT_TRUE(same_bits(output, scalar_output)) << size;
  }
}

TEST_P(Norm, LayerNormIsItsFormula) {
  Numbers numbers(5);
  for (const Eigen::Index size : k_sizes) {
    std::vector<float> input = numbers.vector(static_cast<std::size_t>(k_rows * size), 3.0F);
    for (float& value : input) value += 2.0F;
    const std::vector<float> weight = numbers.vector(static_cast<std::size_t>(size));
    const std::vector<float> bias = numbers.vector(static_cast<std::size_t>(size));
    std::vector<float> output(input.size());
    std::vector<float> scalar_output(input.size());
    const ops::LayerNormOptions options{{weight.data(), size}, {bias.data(), size}, 1e-5F};
    ops::layer_norm(kernels(), const_matrix(input, k_rows), options, matrix(output, k_rows));
    ops::layer_norm(scalar(), const_matrix(input, k_rows), options, matrix(scalar_output, k_rows));
    std::vector<double> wanted;
    for (Eigen::Index row = 0; row < k_rows; ++row) {
      const float* x = input.data() + row * size;
      double mean = 0;
      double variance = 0;
      for (Eigen::Index i = 0; i < size; ++i) mean += x[i] / static_cast<double>(size);
      for (Eigen::Index i = 0; i < size; ++i) variance += (x[i] - mean) * (x[i] - mean) / static_cast<double>(size);
      for (Eigen::Index i = 0; i < size; ++i) {
        const auto place = static_cast<std::size_t>(i);
        const double deviation = std::sqrt(variance + static_cast<double>(options.epsilon));
        wanted.push_back((x[i] - mean) / deviation * weight[place] + bias[place]);
      }
    }
    EXPECT_LT(relative_difference(output, wanted), 2e-6) << size;
    EXPECT_TRUE(same_bits(output, scalar_output)) << size;
  }
}

TEST_P(Norm, OutputMayBeTheInput) {
  std::vector<float> values = {1, 2, 3, 4};
  const std::vector<float> ones(4, 1.0F);
  std::vector<float> elsewhere(4);
  ops::rms_norm(kernels(), const_matrix(values, 1), {{ones.data(), 4}, 0}, matrix(elsewhere, 1));
  ops::rms_norm(kernels(), const_matrix(values, 1), {{ones.data(), 4}, 0}, matrix(values, 1));
  EXPECT_TRUE(same_bits(values, elsewhere));
  ops::layer_norm(kernels(), const_matrix(values, 1), {{ones.data(), 4}, {ones.data(), 4}, 0}, matrix(elsewhere, 1));
  ops::layer_norm(kernels(), const_matrix(values, 1), {{ones.data(), 4}, {ones.data(), 4}, 0}, matrix(values, 1));
  EXPECT_TRUE(same_bits(values, elsewhere));
}

TEST(NormSizes, AreChecked) {
  std::vector<float> values(6);
  const std::vector<float> weight(2);
  try {
    ops::rms_norm(kernels::kernel_table(kernels::InstructionSet::scalar), const_matrix(values, 2),
                  {{weight.data(), 2}, 0}, matrix(values, 2));
    FAIL();
  } catch (const ShapeError& error) {
    EXPECT_EQ(error.id(), "shape.operand");
    EXPECT_STREQ(error.what(), "rms_norm, weight: expected [3], found [2]; pass operands whose sizes fit together");
  }
}

struct NamedActivation {
  ops::Activation activation;
  std::function<double(double)> formula;
};

const std::vector<NamedActivation>& activations() {
  static const double k_pi = std::acos(-1.0);
  static const std::vector<NamedActivation> all = {
      {ops::Activation::identity, [](double x) { return x; }},
      {ops::Activation::relu, [](double x) { return std::max(x, 0.0); }},
      {ops::Activation::silu, [](double x) { return x / (1 + std::exp(-x)); }},
      {ops::Activation::gelu, [](double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); }},
      {ops::Activation::gelu_tanh,
       [](double x) { return x / 2 * (1 + std::tanh(std::sqrt(2 / k_pi) * (x + 0.044715 * x * x * x))); }},
      {ops::Activation::tanh, [](double x) { return std::tanh(x); }},
      {ops::Activation::sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }},
  };
  return all;
}

class ActivationOp : public EveryInstructionSet {};

TEST_P(ActivationOp, IsItsFormula) {
  Numbers numbers(6);
  for (const auto& [activation, formula] : activations()) {
    for (const Eigen::Index size : k_sizes) {
      const std::vector<float> input = numbers.vector(static_cast<std::size_t>(k_rows * size), 6.0F);
      std::vector<float> output = input;
      std::vector<float> scalar_output = input;
      ops::activate(kernels(), activation, matrix(output, k_rows));
      ops::activate(scalar(), activation, matrix(scalar_output, k_rows));
      for (std::size_t i = 0; i < input.size(); ++i) {
        const double wanted = formula(input[i]);
        ASSERT_NEAR(output[i], wanted, 1e-6 * std::max(1.0, std::abs(wanted)))
            << static_cast<int>(activation) << " of " << input[i];
      }
      EXPECT_TRUE(same_bits(output, scalar_output)) << static_cast<int>(activation) << " " << size;
    }
  }
}

TEST_P(ActivationOp, GatesMultiply) {
  Numbers numbers(7);
  for (const auto& [activation, formula] : activations()) {
    const std::vector<float> input = numbers.vector(2 * 37, 6.0F);
    std::vector<float> up = numbers.vector(2 * 37, 2.0F);
    std::vector<float> gate = input;
    std::vector<float> scalar_gate = input;
    ops::activate_gated(kernels(), activation, matrix(gate, 2), const_matrix(up, 2));
    ops::activate_gated(scalar(), activation, matrix(scalar_gate, 2), const_matrix(up, 2));
    for (std::size_t i = 0; i < input.size(); ++i) ASSERT_NEAR(gate[i], formula(input[i]) * up[i], 1e-5);
    EXPECT_TRUE(same_bits(gate, scalar_gate));
  }
}

class RotationOp : public EveryInstructionSet {};

TEST_P(RotationOp, TurnsPairsByTheirAngles) {
  Numbers numbers(8);
  const Eigen::Index heads = 3;
  const Eigen::Index head_dim = 20;
  const Eigen::Index pairs = 7;  // the last six values of a head stay
  const std::vector<float> input = numbers.vector(static_cast<std::size_t>(k_rows * heads * head_dim));
  std::vector<float> angles = numbers.vector(static_cast<std::size_t>(k_rows * pairs), 3.0F);
  std::vector<float> cosines;
  std::vector<float> sines;
  for (const float angle : angles) {
    cosines.push_back(std::cos(angle));
    sines.push_back(std::sin(angle));
  }
  std::vector<float> output = input;
  std::vector<float> scalar_output = input;
  const ops::RotationAngles turn{const_matrix(cosines, k_rows), const_matrix(sines, k_rows)};
  ops::rotate(kernels(), ops::split_heads(matrix(output, k_rows), heads), turn);
  ops::rotate(scalar(), ops::split_heads(matrix(scalar_output, k_rows), heads), turn);
  for (Eigen::Index row = 0; row < k_rows; ++row) {
    for (Eigen::Index head = 0; head < heads; ++head) {
      const float* before = input.data() + (row * heads + head) * head_dim;
      const float* after = output.data() + (row * heads + head) * head_dim;
      for (Eigen::Index i = 0; i < pairs; ++i) {
        const double c = cosines[static_cast<std::size_t>(row * pairs + i)];
        const double s = sines[static_cast<std::size_t>(row * pairs + i)];
        EXPECT_NEAR(after[i], before[i] * c - before[i + pairs] * s, 1e-6);
        EXPECT_NEAR(after[i + pairs], before[i + pairs] * c + before[i] * s, 1e-6);
      }
      for (Eigen::Index i = 2 * pairs; i < head_dim; ++i) EXPECT_EQ(after[i], before[i]);
    }
  }
  EXPECT_TRUE(same_bits(output, scalar_output));
}

TEST(RotationSizes, AreChecked) {
  std::vector<float> values(8);
  std::vector<float> angles(3);
  const auto& kernels = kernels::kernel_table(kernels::InstructionSet::scalar);
  EXPECT_THROW(
      ops::rotate(kernels, ops::split_heads(matrix(values, 1), 2), {const_matrix(angles, 1), const_matrix(angles, 1)}),
      ShapeError);  // six values of heads of four
  EXPECT_THROW(
      ops::rotate(kernels, ops::split_heads(matrix(values, 1), 1), {const_matrix(angles, 3), const_matrix(angles, 3)}),
      ShapeError);  // three rows of angles for one row
}

class LogSoftmaxOp : public EveryInstructionSet {
 protected:
  ops::LogSoftmax of(const std::vector<float>& logits) const { return {kernels(), logits}; }
};

// Sizes around the parts of 1024 that are added up by themselves.
TEST_P(LogSoftmaxOp, IsItsFormulaInDouble) {
  Numbers numbers(9);
  for (const std::size_t size : {1U, 7U, 1000U, 1023U, 1024U, 1025U, 5000U, 200000U}) {
    for (const float range : {0.0F, 1.0F, 50.0F, 1e5F}) {
      const std::vector<float> logits = numbers.vector(size, range);
      const double maximum = *std::max_element(logits.begin(), logits.end());
      double sum = 0;
      for (const float logit : logits) sum += std::exp(logit - maximum);
      EXPECT_NEAR(of(logits)(logits[size / 2]), logits[size / 2] - maximum - std::log(sum), 1e-6)
          << size << " " << range;
    }
  }
}

// The largest comes first, in the middle, last: the sums so far are brought to it.
TEST_P(LogSoftmaxOp, FollowsTheLargestWhereverItIs) {
  for (const std::size_t place : {0U, 1500U, 2999U}) {
    std::vector<float> logits(3000, 2.0F);
    logits[place] = 8.0F;
    EXPECT_NEAR(of(logits)(8.0F), -std::log(1 + 2999 * std::exp(-6.0)), 1e-6) << place;
  }
}

TEST_P(LogSoftmaxOp, IsTheSameBitsForEveryInstructionSet) {
  Numbers numbers(10);
  const std::vector<float> logits = numbers.vector(4321, 9.0F);
  EXPECT_EQ(of(logits)(1.0F), ops::LogSoftmax(kernels::k_scalar_table, logits)(1.0F));
}

TEST_P(LogSoftmaxOp, SurvivesExtremeLogits) {
  constexpr float k_nothing = -std::numeric_limits<float>::infinity();
  EXPECT_EQ(of({3e38F, -3e38F})(3e38F), 0.0);
  EXPECT_EQ(of({3e38F, -3e38F})(-3e38F), -2.0 * static_cast<double>(3e38F));
  EXPECT_NEAR(of({3e38F, 3e38F})(3e38F), -std::log(2.0), 1e-6);
  EXPECT_EQ(of({k_nothing, 1.0F})(1.0F), 0.0);
  EXPECT_EQ(ops::log_probability(kernels(), std::vector<float>{k_nothing, 1.0F}, 0),
            -std::numeric_limits<double>::infinity());
  std::vector<float> last(2000, k_nothing);
  last.back() = -5;
  EXPECT_EQ(of(last)(-5.0F), 0.0);
}

INSTANTIATE_TEST_SUITE_P(Isa, LogSoftmaxOp, testing_ops::every_instruction_set(),
                         testing_ops::instruction_set_test_name);
INSTANTIATE_TEST_SUITE_P(Isa, Softmax, testing_ops::every_instruction_set(), testing_ops::instruction_set_test_name);
INSTANTIATE_TEST_SUITE_P(Isa, Norm, testing_ops::every_instruction_set(), testing_ops::instruction_set_test_name);
INSTANTIATE_TEST_SUITE_P(Isa, ActivationOp, testing_ops::every_instruction_set(),
                         testing_ops::instruction_set_test_name);
INSTANTIATE_TEST_SUITE_P(Isa, RotationOp, testing_ops::every_instruction_set(), testing_ops::instruction_set_test_name);

}  // namespace
}  // namespace eigenformer
