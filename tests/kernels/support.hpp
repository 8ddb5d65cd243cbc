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
inline constexpr PanelKind k_block_kinds[] = {PanelKind::q4_minimum, PanelKind::q4_centered, PanelKind::q8,
                                              PanelKind::q8_minimum, PanelKind::q4_k,        PanelKind::q6_k,
                                              PanelKind::q2_k};
inline constexpr PanelKind k_all_kinds[] = {
    PanelKind::f32, PanelKind::f16,        PanelKind::bf16, PanelKind::q4_minimum, PanelKind::q4_centered,
    PanelKind::q8,  PanelKind::q8_minimum, PanelKind::q4_k, PanelKind::q6_k,       PanelKind::q2_k};

/// A block kind's layout, in numbers of its own.
struct Layout {
  std::size_t values;                                     ///< of a block
  std::size_t blocks;                                     ///< of a superblock
  std::size_t bytes;                                      ///< of a superblock
  std::size_t minimums, factors, minimum_factors, codes;  ///< where they begin; 0: there are none
  std::size_t code_bytes;                                 ///< of a block
  bool is_byte, is_float;                                 ///< its codes; its scales
};

inline Layout layout_of(PanelKind kind) {
  switch (kind) {
    case PanelKind::q4_minimum: return {32, 1, 320, 32, 0, 0, 64, 256, false, false};
    case PanelKind::q4_centered: return {32, 1, 288, 0, 0, 0, 32, 256, false, false};
    case PanelKind::q8: return {32, 1, 544, 0, 0, 0, 32, 512, true, false};
    case PanelKind::q8_minimum: return {32, 1, 640, 64, 0, 0, 128, 512, true, true};
    case PanelKind::q4_k: return {32, 8, 2368, 32, 64, 192, 320, 256, false, false};
    case PanelKind::q6_k: return {16, 16, 4416, 0, 64, 0, 320, 256, true, true};
    case PanelKind::q2_k: return {16, 16, 2624, 32, 64, 320, 576, 128, false, false};
    default: return {1, 1, 0, 0, 0, 0, 0, 0, false, false};  // plain
  }
}

/// The least inner size from `inner` on that a kind can have.
inline std::size_t fitting(PanelKind kind, std::size_t inner) {
  const std::size_t whole = layout_of(kind).values * layout_of(kind).blocks;
  return (inner + whole - 1) / whole * whole;
}

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
  std::vector<float> scales, minimums;  ///< [outputs][blocks of a row]
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
inline void put_code(const Layout& layout, std::byte* codes, std::size_t output, std::size_t k, int code) {
  if (layout.is_byte) {
    codes[k / 4 * 64 + output * 4 + k % 4] = static_cast<std::byte>(code);
    return;
  }
  codes[k / 4 * 32 + output % 8 * 4 + k % 4] |= static_cast<std::byte>(output < 8 ? code : code << 4);
}

/// Writes a scale or minimum of a superblock and returns it.
inline float put_number(const Layout& layout, std::byte* numbers, std::size_t output, float number) {
  if (layout.is_float) {
    std::memcpy(numbers + 4 * output, &number, 4);
    return number;
  }
  const std::uint16_t half = ef::half_from_float_saturating(number);
  put_half(numbers + 2 * output, half);
  return ef::float_from_half(half);
}

/// Draws a factor, writes it, and returns it.
inline float put_factor(std::byte* factors, std::size_t output, Random& random) {
  const int factor = random.between(0, 3) == 0 ? -128 + 255 * random.between(0, 1) : random.between(-128, 127);
  factors[output] = static_cast<std::byte>(factor);
  return static_cast<float>(factor);
}

inline float decode(PanelKind kind, float scale, float minimum, int code) {
  if (kind == PanelKind::q4_centered) return scale * static_cast<float>(code - 8);
  const float scaled = scale * static_cast<float>(code);
  return layout_of(kind).minimums != 0 ? scaled + minimum : scaled;
}

/// The codes of one block of one output; `block` is its number in the row.
inline void draw_codes(Matrix& matrix, std::byte* codes, std::size_t output, std::size_t block, Random& random) {
  const Layout layout = layout_of(matrix.kind);
  const std::size_t at = output * (matrix.inner / layout.values) + block;
  const int low = layout.is_byte ? -128 : 0;
  const int high = layout.is_byte ? 127 : 15;
  for (std::size_t k = 0; k < layout.values; ++k) {
    const bool extreme = random.between(0, 3) == 0;
    const int code = extreme ? (random.between(0, 1) == 0 ? low : high) : random.between(low, high);
    put_code(layout, codes, output % 16, k, code);
    const std::size_t element = output * matrix.inner + layout.values * block + k;
    matrix.codes[element] = code;
    matrix.decoded[element] = decode(matrix.kind, matrix.scales[at], matrix.minimums[at], code);
  }
}

inline void pack_superblock(Matrix& matrix, std::size_t output, std::size_t index, Random& random, Draw draw) {
  const Layout layout = layout_of(matrix.kind);
  const std::size_t blocks = matrix.inner / layout.values;
  const std::size_t o = output % 16;
  std::byte* superblock = matrix.panels.data() + (output / 16 * (blocks / layout.blocks) + index) * layout.bytes;
  const float range = draw == Draw::tiny ? 0x1p-20F : draw == Draw::large ? 30000.0F : 0.1F;
  const float scale = put_number(layout, superblock, o, random.uniform(-range, range));
  float minimum = random.uniform(-range, range);
  if (layout.minimums != 0) minimum = put_number(layout, superblock + layout.minimums, o, minimum);
  for (std::size_t b = 0; b < layout.blocks; ++b) {
    float& block_scale = matrix.scales[output * blocks + index * layout.blocks + b];
    float& block_minimum = matrix.minimums[output * blocks + index * layout.blocks + b];
    block_scale = scale;
    block_minimum = minimum;
    if (layout.factors != 0) block_scale *= put_factor(superblock + layout.factors + 16 * b, o, random);
    if (layout.minimum_factors != 0) {
      block_minimum *= put_factor(superblock + layout.minimum_factors + 16 * b, o, random);
    }
    draw_codes(matrix, superblock + layout.codes + layout.code_bytes * b, output, index * layout.blocks + b, random);
  }
}

inline void pack_blocks(Matrix& matrix, Random& random, Draw draw) {
  const Layout layout = layout_of(matrix.kind);
  for (std::size_t output = 0; output < matrix.outputs; ++output) {
    for (std::size_t i = 0; i < matrix.inner / (layout.values * layout.blocks); ++i) {
      pack_superblock(matrix, output, i, random, draw);
    }
  }
}

inline Matrix random_matrix(PanelKind kind, std::size_t outputs, std::size_t inner, Random& random,
                            Draw draw = Draw::plain) {
  const std::size_t blocks = (inner + 15) / 16;  // at most
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
