// Which kernels are chosen, the check of the build's arithmetic, and the floating-point environment around a task.
#include "eigenformer/kernels/select.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cfenv>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <set>
#include <sstream>
#include <string>

#include "eigenformer/error.hpp"
#include "eigenformer/kernels/floating_point_guard.hpp"
#include "eigenformer/kernels/known_answer.hpp"
#include "tests/kernels/support.hpp"
#include "tests/support/environment.hpp"

#if defined(__linux__) && defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace {

using namespace kernel_tests;
using eigenformer_tests::EnvironmentVariable;
using kernels::InstructionSet;

constexpr InstructionSet k_not_everywhere[] = {InstructionSet::avx2, InstructionSet::avx512, InstructionSet::amx,
                                               InstructionSet::neon, InstructionSet::neon_dotprod};

constexpr const char* k_variable = "EIGENFORMER_ISA";

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
  const EnvironmentVariable nothing_forced(k_variable, nullptr);
  const auto best = kernels::instruction_set_name(kernels::available_instruction_sets().back());
  EXPECT_EQ(kernels::choose_kernels("").name, best);
  EXPECT_EQ(kernels::choose_kernels("auto").name, best);
  for (const InstructionSet set : kernels::available_instruction_sets()) {
    EXPECT_EQ(kernels::choose_kernels(kernels::instruction_set_name(set)).name, kernels::instruction_set_name(set));
  }
}

TEST(Select, TheEnvironmentForcesAutoOnly) {
  const EnvironmentVariable forced(k_variable, "scalar");
  EXPECT_STREQ(kernels::choose_kernels("").name, "scalar");
  EXPECT_STREQ(kernels::choose_kernels("auto").name, "scalar");
  for (const InstructionSet set : kernels::available_instruction_sets()) {
    EXPECT_EQ(kernels::choose_kernels(kernels::instruction_set_name(set)).name, kernels::instruction_set_name(set));
  }
}

TEST(Select, AnEmptyVariableOrAutoInItChangesNothing) {
  const std::string best = kernels::choose_kernels("").name;
  for (const char* value : {"", "auto"}) {
    const EnvironmentVariable forced(k_variable, value);
    EXPECT_EQ(kernels::choose_kernels("").name, best);
  }
}

TEST(Select, AnUnknownNameIsAnErrorThatListsWhatThereIs) {
  const ef::ErrorReport report = report_of("sse9");
  EXPECT_EQ(report.id, "usage.unknown_isa");
  EXPECT_EQ(report.message(), "isa: expected auto or an instruction set that this machine has (" + available_text() +
                                  "), found 'sse9'; leave it out, or take one of those");
  const EnvironmentVariable forced(k_variable, "AVX2");
  EXPECT_EQ(report_of("").id, "usage.unknown_isa");
  EXPECT_EQ(report_of("").where, "EIGENFORMER_ISA");
}

TEST(Select, ASetThatTheMachineLacksIsAnError) {
  std::size_t lacking = 0;
  for (const InstructionSet set : k_not_everywhere) {
    if (kernels::machine_has(set)) continue;
    ++lacking;
    const ef::ErrorReport report = report_of(std::string(kernels::instruction_set_name(set)));
    EXPECT_EQ(report.id, "usage.isa_unavailable");
    EXPECT_EQ(report.expected, "an instruction set that this machine has (" + available_text() + ")");
  }
  EXPECT_GE(lacking, 2U);  // no processor is both
}

TEST(Select, NamesAreThoseOfTheOption) {
  EXPECT_EQ(kernels::instruction_set_name(InstructionSet::scalar), "scalar");
  EXPECT_EQ(kernels::instruction_set_name(InstructionSet::avx2), "avx2");
  EXPECT_EQ(kernels::instruction_set_name(InstructionSet::avx512), "avx512");
  EXPECT_EQ(kernels::instruction_set_name(InstructionSet::amx), "amx");
  EXPECT_EQ(kernels::instruction_set_name(InstructionSet::neon), "neon");
  EXPECT_EQ(kernels::instruction_set_name(InstructionSet::neon_dotprod), "neon_dotprod");
  for (const InstructionSet set : k_not_everywhere) {
    const std::string id = report_of(std::string(kernels::instruction_set_name(set))).id;
    EXPECT_EQ(id, kernels::machine_has(set) ? "" : "usage.isa_unavailable");
  }
}

#if defined(__linux__) && defined(__x86_64__)
/// Whether Linux has let this process use tiles, which it does when asked (ARCH_GET_XCOMP_PERM).
bool tiles_are_permitted() {
  std::uint64_t components = 0;
  constexpr int k_get_permissions = 0x1022;
  return syscall(SYS_arch_prctl, k_get_permissions, &components) == 0 && (components & 1U << 18U) != 0;
}
#endif

#if defined(__linux__)
/// What Linux says of the first processor: it leaves out what it does not save the registers of.
std::set<std::string> processor_flags() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line) && line.rfind("flags", 0) != 0 && line.rfind("Features", 0) != 0) {
  }
  std::istringstream words(line);
  return {std::istream_iterator<std::string>(words), std::istream_iterator<std::string>()};
}

TEST(Select, FindsWhatTheOperatingSystemFinds) {
  const std::set<std::string> flags = processor_flags();
  const auto has = [&flags](std::initializer_list<const char*> wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [&flags](const char* flag) { return flags.count(flag) != 0; });
  };
#if defined(__x86_64__)
  if (!has({"fpu"})) GTEST_SKIP() << "/proc/cpuinfo says nothing";
  const bool avx2 = has({"avx2", "fma", "f16c"});
  EXPECT_EQ(kernels::machine_has(InstructionSet::avx2), avx2);
  const bool avx512 = avx2 && has({"avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512_vnni"});
  EXPECT_EQ(kernels::machine_has(InstructionSet::avx512), avx512);
  const bool amx = kernels::machine_has(InstructionSet::amx);
  EXPECT_EQ(amx, avx512 && has({"amx_tile", "amx_int8"}) && tiles_are_permitted());
#else
  if (!has({"asimd"})) GTEST_SKIP() << "/proc/cpuinfo says nothing, or speaks of the machine that emulates this one";
  EXPECT_TRUE(kernels::machine_has(InstructionSet::neon));
  EXPECT_EQ(kernels::machine_has(InstructionSet::neon_dotprod), has({"asimddp"}));
#endif
}
#endif

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

#if defined(__x86_64__) || defined(__aarch64__)
/// What a task does, called so that the compiler cannot look through it.
float third_of_smallest() {
  volatile float smallest = std::numeric_limits<float>::denorm_min() * 3;
  return smallest / 3.0F;
}

#if defined(__x86_64__)
constexpr std::uint64_t k_control_of_a_task = 0x1F80;
constexpr std::uint64_t k_flushing = 0x8000 | 0x0040;  // to zero, and subnormal operands
constexpr std::uint64_t k_toward_zero = 0x6000;
std::uint64_t control_word() { return _mm_getcsr(); }
void set_control_word(std::uint64_t word) { _mm_setcsr(static_cast<unsigned>(word)); }
#else
constexpr std::uint64_t k_control_of_a_task = 0;
constexpr std::uint64_t k_flushing = 1U << 24U;
constexpr std::uint64_t k_toward_zero = 3U << 22U;
std::uint64_t control_word() {
  std::uint64_t word = 0;
  asm volatile("mrs %0, fpcr" : "=r"(word)::"memory");
  return word;
}
void set_control_word(std::uint64_t word) { asm volatile("msr fpcr, %0" ::"r"(word) : "memory"); }
#endif

TEST(FloatingPointGuard, KeepsSubnormalsAndRestores) {
  const std::uint64_t before = control_word();
  const std::uint64_t game = before | k_flushing | k_toward_zero;
  set_control_word(game);
  const float flushed = third_of_smallest();
  float kept = 0;
  {
    const kernels::FloatingPointGuard guard;
    EXPECT_EQ(control_word(), k_control_of_a_task);
    kept = third_of_smallest();
  }
  const std::uint64_t after = control_word();
  set_control_word(before);
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
    const std::uint64_t before = control_word();
    set_control_word(before | k_flushing);
    {
      const kernels::FloatingPointGuard guard;
      kernels::kernel_table(set).activate_gated(kernels::Activation::silu, result.data(), weight.data(), row.size());
    }
    EXPECT_NO_THROW(kernels::check_known_answers(kernels::kernel_table(set)));
    set_control_word(before);
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
