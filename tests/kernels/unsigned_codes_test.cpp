// The integers behind the products of AVX-512, on any machine: vpdpbusd in plain C++ with unsigned codes and offsets
// gives the dots of the signed ones. Where the machine has the instruction, it does what the plain C++ does.
#include "eigenformer/kernels/avx512/unsigned_codes.hpp"

#include <array>
#include <limits>

#include "eigenformer/kernels/panel_access.hpp"
#include "eigenformer/kernels/target.hpp"
#include "tests/kernels/support.hpp"

namespace {

using namespace kernel_tests;

/// One lane of vpdpbusd: four unsigned bytes times four signed ones, added without saturation. The sum of the products
/// is formed in 64 bits so that an overflow of the lane could be seen.
std::int64_t unsigned_dot_step(std::int64_t lane, const std::uint8_t* unsigned_bytes, const std::int8_t* signed_bytes) {
  for (std::size_t i = 0; i < 4; ++i) lane += std::int64_t{unsigned_bytes[i]} * signed_bytes[i];
  EXPECT_LE(std::abs(lane), std::numeric_limits<std::int32_t>::max());
  return lane;
}

/// The bytes that a lane's four codes become: k = 4 group .. 4 group + 3 of one output.
std::array<std::uint8_t, 4> unsigned_bytes_of(const kernels::scalar::PanelBlock& block, std::size_t group,
                                              std::size_t output) {
  std::array<std::uint8_t, 4> bytes;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto code = static_cast<std::uint8_t>(block.code(4 * group + i, output));
    bytes[i] = layout_of(block.kind()).is_byte ? code ^ kernels::avx512::k_to_unsigned : code;
  }
  return bytes;
}

std::int64_t dot_by_unsigned_codes(const kernels::scalar::PanelBlock& block, std::size_t output,
                                   const std::int8_t* activations) {
  std::int64_t dot = 0;
  std::int64_t sum = 0;
  const std::size_t values = layout_of(block.kind()).values;
  for (std::size_t k = 0; k < values; ++k) sum += activations[k];
  for (std::size_t group = 0; group < values / 4; ++group) {
    dot = unsigned_dot_step(dot, unsigned_bytes_of(block, group, output).data(), activations + 4 * group);
  }
  if (!kernels::avx512::has_offset(block.kind())) return dot;
  return dot - sum * (std::int64_t{1} << kernels::avx512::offset_bits(block.kind()));
}

/// sum of (what the code means) * activation; `codes` as they were drawn, before they were packed.
std::int64_t dot_by_meaning(const Matrix& matrix, std::size_t output, const std::int8_t* activations) {
  std::int64_t dot = 0;
  for (std::size_t k = 0; k < layout_of(matrix.kind).values; ++k) {
    const int code = matrix.codes[output * matrix.inner + k];
    dot += std::int64_t{matrix.kind == PanelKind::q4_centered ? code - 8 : code} * activations[k];
  }
  return dot;
}

TEST(UnsignedCodes, GiveTheDotsOfWhatTheCodesMean) {
  Random random(1);
  for (const PanelKind kind : k_block_kinds) {
    for (int round = 0; round < 60; ++round) {
      Matrix matrix = random_matrix(kind, 16, fitting(kind, 32), random, round % 2 == 0 ? Draw::plain : Draw::wild);
      std::int8_t activations[32];
      for (std::int8_t& code : activations) {
        const int end = random.between(0, 1) == 0 ? -127 : 127;
        code = static_cast<std::int8_t>(round % 3 == 0 ? end : random.between(-127, 127));
      }
      if (round < 2) std::memset(activations, round == 0 ? 127 : -127, sizeof(activations));
      for (std::size_t output = 0; output < 16; ++output) {
        ASSERT_EQ(dot_by_unsigned_codes({kind, matrix.panels.data()}, output, activations),
                  dot_by_meaning(matrix, output, activations))
            << quant::panel_kind_name(kind);
      }
    }
  }
}

}  // namespace

#if defined(__x86_64__)
#include <immintrin.h>

EIGENFORMER_TARGET_BEGIN("avx512f,avx512vnni")
namespace kernel_tests {

inline void unsigned_dot_instruction(std::int32_t* lanes, const std::uint8_t* unsigned_bytes,
                                     const std::int8_t* signed_bytes) {
  const __m512i dots = _mm512_dpbusd_epi32(_mm512_loadu_si512(lanes), _mm512_loadu_si512(unsigned_bytes),
                                           _mm512_loadu_si512(signed_bytes));
  _mm512_storeu_si512(lanes, dots);
}

}  // namespace kernel_tests
EIGENFORMER_TARGET_END

namespace {

TEST(UnsignedCodes, TheInstructionDoesWhatThePlainCodeDoes) {
  if (!kernels::machine_has(kernels::InstructionSet::avx512)) GTEST_SKIP() << "this machine lacks vpdpbusd";
  Random random(2);
  for (int round = 0; round < 100; ++round) {
    std::uint8_t unsigned_bytes[64];
    std::int8_t signed_bytes[64];
    std::int32_t lanes[16];
    std::int64_t expected[16];
    for (std::uint8_t& byte : unsigned_bytes) byte = static_cast<std::uint8_t>(round < 2 ? 255 : random.bits());
    for (std::int8_t& byte : signed_bytes) {
      byte = static_cast<std::int8_t>(round < 2 ? 127 - 255 * round : random.between(-128, 127));
    }
    for (std::size_t lane = 0; lane < 16; ++lane) {
      lanes[lane] = random.between(-1000000, 1000000);
      expected[lane] = unsigned_dot_step(lanes[lane], unsigned_bytes + 4 * lane, signed_bytes + 4 * lane);
    }
    unsigned_dot_instruction(lanes, unsigned_bytes, signed_bytes);
    for (std::size_t lane = 0; lane < 16; ++lane) ASSERT_EQ(lanes[lane], expected[lane]);
  }
}

}  // namespace
#endif
