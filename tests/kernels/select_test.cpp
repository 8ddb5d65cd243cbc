// Which kernels are chosen, the check of the build's arithmetic, and the floating-point environment around a task.
#include "eigenformer/kernels/select.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cfenv>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <string>

#include "eigenformer/error.hpp"
#include "eigenformer/kernels/floating_point_guard.hpp"
#include "eigenformer/kernels/known_answer.hpp"
#include "tests/kernels/support.hpp"

namespace {

using namespace kernel_tests;
using kernels::InstructionSet;

/// Sets a variable of the environment for one test.
class Environment {
 public:
  explicit Environment(const char* value) { setenv("EIGENFORMER_ISA", value, 1); }
  ~Environment() { unsetenv("EIGENFORMER_ISA"); }
};

std::string available_text() {
  std::string text;
  for (const InstructionSet set : kernels::available_instruction_sets()) {
    text += (text.empty() ? "" : ", ") + std::string(kernels::instruction_set_name(set));
  }
  return text;
}

ef::ErrorReport report_of(const std::string& requested) {
  try {
    kernels::choose_kernels(requested);
  } catch (const ef::UsageError& error) {
    return error.report();
  }
  return {};
}

TEST(Select, SaysWhichInstructionSetsTheseTestsRan) {
  std::cout << "instruction sets tested against the scalar truth: " << available_text() << "\n";
  const auto sets = kernels::available_instruction_sets();
  ASSERT_FALSE(sets.empty());
  EXPECT_EQ(sets.front(), InstructionSet::scalar);
  for (const InstructionSet set : sets) {
    EXPECT_TRUE(kernels::machine_has(set));
    EXPECT_EQ(kernels::kernel_table(set).name, kernels::instruction_set_name(set));
  }
}

TEST(Select, TakesTheBestUnlessAskedOtherwise) {
  unsetenv("EIGENFORMER_ISA");
  const auto best = kernels::instruction_set_name(kernels::available_instruction_sets().back());
  EXPECT_EQ(kernels::choose_kernels("").name, best);
  EXPECT_EQ(kernels::choose_kernels("auto").name, best);
  for (const InstructionSet set : kernels::available_instruction_sets()) {
    EXPECT_EQ(kernels::choose_kernels(kernels::instruction_set_name(set)).name, kernels::instruction_set_name(set));
  }
}

TEST(Select, TheEnvironmentForcesAutoOnly) {
  const Environment forced("scalar");
  EXPECT_STREQ(kernels::choose_kernels("").name, "scalar");
  EXPECT_STREQ(kernels::choose_kernels("auto").name, "scalar");
  for (const InstructionSet set : kernels::available_instruction_sets()) {
    EXPECT_EQ(kernels::choose_kernels(kernels::instruction_set_name(set)).name, kernels::instruction_set_name(set));
  }
}

TEST(Select, AnEmptyVariableOrAutoInItChangesNothing) {
  const std::string best = kernels::choose_kernels("").name;
  for (const char* value : {"", "auto"}) {
    const Environment forced(value);
    EXPECT_EQ(kernels::choose_kernels("").name, best);
  }
}

TEST(Select, AnUnknownNameIsAnErrorThatListsWhatThereIs) {
  const ef::ErrorReport report = report_of("sse9");
  EXPECT_EQ(report.id, "usage.unknown_isa");
  EXPECT_EQ(report.message(), "isa: expected auto or an instruction set that this machine has (" + available_text() +
                                  "), found 'sse9'; leave it out, or take one of those");
  const Environment forced("AVX2");
  EXPECT_EQ(report_of("").id, "usage.unknown_isa");
  EXPECT_EQ(report_of("").where, "EIGENFORMER_ISA");
}

TEST(Select, ASetThatTheMachineLacksIsAnError) {
  if (kernels::machine_has(InstructionSet::avx2)) GTEST_SKIP() << "this machine has every set";
  EXPECT_EQ(report_of("avx2").id, "usage.isa_unavailable");
}

TEST(KnownAnswer, EveryTableGivesTheRecordedBits) {
  for (const InstructionSet set : kernels::available_instruction_sets()) {
    EXPECT_NO_THROW(kernels::check_known_answers(kernels::kernel_table(set)));
  }
}

TEST(KnownAnswer, AKernelThatRoundsOtherwiseIsNoticed) {
  kernels::KernelTable table = kernels::k_scalar_table;
  table.rms_norm = [](const kernels::RmsNorm& norm) noexcept {
    kernels::k_scalar_table.rms_norm(norm);
    norm.output[0] = std::nextafter(norm.output[0], 9.0F);
  };
  try {
    kernels::check_known_answers(table);
    FAIL();
  } catch (const ef::NumericError& error) {
    EXPECT_EQ(error.id(), "numeric.build_changed_arithmetic");
    EXPECT_STREQ(
        error.what(),
        "kernels scalar: expected the arithmetic that every build of eigenformer has, found other results in "
        "norms and activations; build every file that includes eigenformer with -ffp-contract=off (on MSVC with "
        "/fp:precise), as the CMake targets do");
  }
}

/// What a task does, called so that the compiler cannot look through it.
float third_of_smallest() {
  volatile float smallest = std::numeric_limits<float>::denorm_min() * 3;
  return smallest / 3.0F;
}

#if defined(__x86_64__)
constexpr unsigned k_flush_to_zero = 0x8000;
constexpr unsigned k_denormals_are_zero = 0x0040;

TEST(FloatingPointGuard, KeepsSubnormalsAndRestores) {
  const unsigned before = _mm_getcsr();
  const unsigned game = before | k_flush_to_zero | k_denormals_are_zero | 0x6000;  // and rounding toward zero
  _mm_setcsr(game);
  const float flushed = third_of_smallest();
  float kept = 0;
  {
    const kernels::FloatingPointGuard guard;
    EXPECT_EQ(_mm_getcsr(), 0x1F80U);
    kept = third_of_smallest();
  }
  const unsigned after = _mm_getcsr();
  _mm_setcsr(before);
  EXPECT_EQ(after, game);
  EXPECT_EQ(flushed, 0.0F);
  EXPECT_EQ(kept, std::numeric_limits<float>::denorm_min());
}

// The kernels' bits under a guard, inside a host that flushes subnormals.
TEST(FloatingPointGuard, KernelsGiveTheSameBitsInAFlushingHost) {
  Random random(1);
  std::vector<float> row = random.values(200, Draw::tiny);
  const std::vector<float> weight = random.values(200, Draw::plain);
  for (const InstructionSet set : kernels::available_instruction_sets()) {
    std::vector<float> expected(row);
    std::vector<float> result(row);
    kernels::kernel_table(set).activate_gated(kernels::Activation::silu, expected.data(), weight.data(), row.size());
    const unsigned before = _mm_getcsr();
    _mm_setcsr(before | k_flush_to_zero | k_denormals_are_zero);
    {
      const kernels::FloatingPointGuard guard;
      kernels::kernel_table(set).activate_gated(kernels::Activation::silu, result.data(), weight.data(), row.size());
    }
    EXPECT_NO_THROW(kernels::check_known_answers(kernels::kernel_table(set)));
    _mm_setcsr(before);
    EXPECT_TRUE(same_bits(result.data(), expected.data(), row.size()));
    EXPECT_TRUE(std::any_of(result.begin(), result.end(), [](float x) { return x != 0 && std::fabs(x) < 0x1p-126F; }));
  }
}
#endif

float one_third() {
  volatile float one = 1.0F;
  return one / 3.0F;
}

TEST(FloatingPointGuard, RoundsToNearestWhateverTheHostDoes) {
  std::fesetround(FE_DOWNWARD);
  const float below = one_third();
  float nearest = 0;
  {
    const kernels::FloatingPointGuard guard;
    nearest = one_third();
  }
  const float after = one_third();
  std::fesetround(FE_TONEAREST);
  EXPECT_EQ(below, 0x1.555554p-2F);
  EXPECT_EQ(nearest, 0x1.555556p-2F);
  EXPECT_EQ(after, below);
}

}  // namespace
