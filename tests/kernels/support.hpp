// What the tests of the kernels share: random values, panels packed by the layout comment of quant/panel.hpp alone, and
// comparison bit by bit.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "eigenformer/core/half.hpp"
#include "eigenformer/kernels/scalar_table.hpp"
#include "eigenformer/kernels/select.hpp"

namespace kernel_tests {

namespace ef = eigenformer;
namespace kernels = eigenformer::kernels;
namespace quant = eigenformer::quant;
using quant::PanelKind;

inline constexpr PanelKind k_plain_kinds[] = {PanelKind::f32, PanelKind::f16, PanelKind::bf16};
inline constexpr PanelKind k_block_kinds[] = {PanelKind::q4_minimum, PanelKind::q4_centered, PanelKind::q8};
inline constexpr PanelKind k_all_kinds[] = {PanelKind::f32,        PanelKind::f16,         PanelKind::bf16,
                                            PanelKind::q4_minimum, PanelKind::q4_centered, PanelKind::q8};

/// What values a test draws.
enum class Draw { plain, tiny, large, wild };

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t bits() { return engine_(); }
  int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(engine_); }
  float uniform(float low, float high) { return std::uniform_real_distribution<float>(low, high)(engine_); }

  /// plain: about 1; tiny: subnormals and zeros of both signs; large: about 1e15; wild: all of them mixed.
  float value(Draw draw) {
    const float unit = uniform(-2.0F, 2.0F);
    switch (draw) {
      case Draw::plain: return unit;
      case Draw::tiny: return between(0, 4) == 0 ? (unit < 0 ? -0.0F : 0.0F) : unit * 0x1p-130F;
      case Draw::large: return unit * 1e15F;
      case Draw::wild: return value(static_cast<Draw>(between(0, 2)));
    }
    return unit;
  }
  std::vector<float> values(std::size_t count, Draw draw = Draw::plain) {
    std::vector<float> result(count);
    for (float& element : result) element = value(draw);
    return result;
  }

 private:
  std::mt19937_64 engine_;
};

/// Memory that begins 4 bytes off a cache line.
class MisalignedBytes {
 public:
  explicit MisalignedBytes(std::size_t size) : memory_(size + 128) {}
  std::byte* data() {
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
    return memory_.data() + (64 - address % 64) + 4;
  }

 private:
  std::vector<std::byte> memory_;
};

/// A matrix as a file would hold it, and as panels.
struct Matrix {
  PanelKind kind;
  std::size_t outputs, inner;
  std::vector<float> decoded;           ///< [outputs][inner], exact
  std::vector<float> scales, minimums;  ///< [outputs][inner / 32]
  std::vector<int> codes;               ///< [outputs][inner]
  MisalignedBytes panels;

  std::size_t panel_count() const { return quant::panel_count(outputs); }
};

inline void put_half(std::byte* bytes, std::uint16_t half) { std::memcpy(bytes, &half, 2); }

inline void pack_plain(Matrix& matrix, Random& random, Draw draw) {
  for (std::size_t o = 0; o < matrix.outputs; ++o) {
    for (std::size_t k = 0; k < matrix.inner; ++k) {
      const std::size_t element = (o / 16 * matrix.inner + k) * 16 + o % 16;
      const float value = random.value(draw);
      float& decoded = matrix.decoded[o * matrix.inner + k];
      if (matrix.kind == PanelKind::f32) {
        decoded = value;
        std::memcpy(matrix.panels.data() + 4 * element, &value, 4);
        continue;
      }
      const bool half = matrix.kind == PanelKind::f16;
      const auto narrow = half ? ef::half_from_float_saturating(value)
                               : static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16U);
      decoded = half ? ef::float_from_half(narrow) : ef::float_from_bfloat16(narrow);
      put_half(matrix.panels.data() + 2 * element, narrow);
    }
  }
}

/// Writes one code where quant/panel.hpp says it lies.
inline void put_code(Matrix& matrix, std::byte* block, std::size_t output, std::size_t k, int code) {
  if (matrix.kind == PanelKind::q8) {
    block[32 + k / 4 * 64 + output * 4 + k % 4] = static_cast<std::byte>(code);
    return;
  }
  std::byte& pair = block[(matrix.kind == PanelKind::q4_minimum ? 64 : 32) + k / 4 * 32 + output % 8 * 4 + k % 4];
  pair |= static_cast<std::byte>(output < 8 ? code : code << 4);
}

inline float decode(PanelKind kind, float scale, float minimum, int code) {
  if (kind == PanelKind::q4_centered) return scale * static_cast<float>(code - 8);
  const float scaled = scale * static_cast<float>(code);
  return kind == PanelKind::q4_minimum ? scaled + minimum : scaled;
}

inline void pack_blocks(Matrix& matrix, Random& random, Draw draw) {
  const std::size_t blocks = matrix.inner / 32;
  const std::size_t bytes = quant::panel_block_bytes(matrix.kind);
  for (std::size_t o = 0; o < matrix.outputs; ++o) {
    for (std::size_t b = 0; b < blocks; ++b) {
      std::byte* block = matrix.panels.data() + (o / 16 * blocks + b) * bytes;
      const float range = draw == Draw::tiny ? 0x1p-20F : draw == Draw::large ? 30000.0F : 0.1F;
      const std::uint16_t scale = ef::half_from_float_saturating(random.uniform(-range, range));
      const std::uint16_t minimum = ef::half_from_float_saturating(random.uniform(-range, range));
      put_half(block + 2 * (o % 16), scale);
      if (matrix.kind == PanelKind::q4_minimum) put_half(block + 32 + 2 * (o % 16), minimum);
      matrix.scales[o * blocks + b] = ef::float_from_half(scale);
      matrix.minimums[o * blocks + b] = ef::float_from_half(minimum);
      for (std::size_t k = 0; k < 32; ++k) {
        const bool extreme = random.between(0, 3) == 0;
        const int low = matrix.kind == PanelKind::q8 ? -128 : 0;
        const int high = matrix.kind == PanelKind::q8 ? 127 : 15;
        const int code = extreme ? (random.between(0, 1) == 0 ? low : high) : random.between(low, high);
        put_code(matrix, block, o % 16, k, code);
        matrix.codes[o * matrix.inner + 32 * b + k] = code;
        matrix.decoded[o * matrix.inner + 32 * b + k] =
            decode(matrix.kind, ef::float_from_half(scale), ef::float_from_half(minimum), code);
      }
    }
  }
}

inline Matrix random_matrix(PanelKind kind, std::size_t outputs, std::size_t inner, Random& random,
                            Draw draw = Draw::plain) {
  const std::size_t blocks = (inner + 31) / 32;
  Matrix matrix{kind,
                outputs,
                inner,
                std::vector<float>(outputs * inner),
                std::vector<float>(outputs * blocks),
                std::vector<float>(outputs * blocks),
                std::vector<int>(outputs * inner),
                MisalignedBytes(quant::panel_count(outputs) * quant::panel_bytes(kind, inner))};
  if (quant::is_block_kind(kind)) {
    pack_blocks(matrix, random, draw);
  } else {
    pack_plain(matrix, random, draw);
  }
  return matrix;
}

/// Floats 4 bytes off a cache line, filled with something that no kernel may leave where it should write.
class MisalignedFloats {
 public:
  explicit MisalignedFloats(std::size_t count, float fill = 12345.0F) : bytes_(4 * count), count_(count) {
    for (std::size_t i = 0; i < count; ++i) data()[i] = fill;
  }
  explicit MisalignedFloats(const std::vector<float>& values) : MisalignedFloats(values.size()) {
    for (std::size_t i = 0; i < count_; ++i) data()[i] = values[i];
  }
  float* data() { return reinterpret_cast<float*>(bytes_.data()); }
  std::size_t size() const { return count_; }
  float& operator[](std::size_t index) { return data()[index]; }

 private:
  MisalignedBytes bytes_;
  std::size_t count_;
};

inline ::testing::AssertionResult same_bits(const float* left, const float* right, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (std::bit_cast<std::uint32_t>(left[i]) != std::bit_cast<std::uint32_t>(right[i])) {
      return ::testing::AssertionFailure()
             << "element " << i << ": " << std::hexfloat << left[i] << " and " << right[i];
    }
  }
  return ::testing::AssertionSuccess();
}

/// A test that runs once for each instruction set that this machine has.
class EachInstructionSet : public ::testing::TestWithParam<kernels::InstructionSet> {
 protected:
  const kernels::KernelTable& table() const { return kernels::kernel_table(GetParam()); }
  const kernels::KernelTable& truth() const { return kernels::k_scalar_table; }
};

inline std::string set_name(const ::testing::TestParamInfo<kernels::InstructionSet>& info) {
  return std::string(kernels::instruction_set_name(info.param));
}

}  // namespace kernel_tests
