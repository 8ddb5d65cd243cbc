// Both matrix products: against double precision, against the scalar truth, and against themselves in other groupings.
#include "tests/kernels/support.hpp"

namespace {

using namespace kernel_tests;

/// Quantized activations of `rows` rows.
struct Quantized {
  Quantized(const kernels::KernelTable& table, const float* input, std::size_t size, std::size_t row_count)
      : inner((size + 31) / 32 * 32),
        codes(row_count * inner),
        scales(row_count * inner / 32),
        scaled_sums(scales.size()),
        sums(scales.size()) {
    table.quantize_rows(input, size, size, row_count, rows());
  }
  kernels::QuantizedRows rows() { return {codes.data(), scales.data(), scaled_sums.data(), sums.data(), inner}; }
  std::size_t inner;
  std::vector<std::int8_t> codes;
  std::vector<float> scales, scaled_sums;
  std::vector<std::int32_t> sums;
};

struct FloatCase {
  Matrix& matrix;
  const float* input;
  std::size_t stride;
  std::size_t rows;
};

kernels::FloatProduct float_task(FloatCase at, MisalignedFloats& output) {
  return {.kind = at.matrix.kind,
          .panels = at.matrix.panels.data(),
          .panel_count = at.matrix.panel_count(),
          .inner = at.matrix.inner,
          .input = at.input,
          .input_stride = at.stride,
          .rows = at.rows,
          .output = output.data(),
          .output_stride = at.matrix.panel_count() * 16 + 3};
}

class Products : public EachInstructionSet {};
INSTANTIATE_TEST_SUITE_P(, Products, ::testing::ValuesIn(kernels::available_instruction_sets()), set_name);

void compare_float_products(const kernels::KernelTable& table, PanelKind kind, std::size_t inner, Random& random) {
  for (const Draw draw : {Draw::plain, Draw::wild}) {
    for (const std::size_t rows : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 9U, 12U, 13U}) {
      const std::size_t panels = 1 + inner % 3;
      Matrix matrix = random_matrix(kind, 16 * panels - inner % 5, inner, random, draw);
      const std::size_t stride = inner + 5;
      MisalignedFloats input(random.values(rows * stride, draw));
      MisalignedFloats truth(rows * (16 * panels + 3));
      MisalignedFloats result(truth.size());
      kernels::k_scalar_table.float_product(float_task({matrix, input.data(), stride, rows}, truth));
      table.float_product(float_task({matrix, input.data(), stride, rows}, result));
      ASSERT_TRUE(same_bits(result.data(), truth.data(), truth.size()))
          << quant::panel_kind_name(kind) << " inner " << inner << " rows " << rows;
    }
  }
}

TEST_P(Products, FloatEqualsTheScalarTruth) {
  Random random(1);
  for (const PanelKind kind : k_plain_kinds) {
    for (std::size_t inner = 1; inner <= 67; ++inner) compare_float_products(table(), kind, inner, random);
    for (const std::size_t inner : {255U, 256U, 257U, 600U}) compare_float_products(table(), kind, inner, random);
  }
  for (const PanelKind kind : k_block_kinds) {
    for (const std::size_t inner : {32U, 64U, 96U, 256U, 288U}) {
      compare_float_products(table(), kind, fitting(kind, inner), random);
    }
  }
}

// More panels than a single row takes at a time.
TEST_P(Products, FloatSingleRowOverManyPanels) {
  Random random(2);
  for (const PanelKind kind : k_all_kinds) {
    for (std::size_t panels = 1; panels <= 9; ++panels) {
      const std::size_t inner = fitting(kind, 64);
      Matrix matrix = random_matrix(kind, 16 * panels, inner, random);
      const std::vector<float> input = random.values(inner);
      MisalignedFloats truth(16 * panels + 3);
      MisalignedFloats result(truth.size());
      this->truth().float_product(float_task({matrix, input.data(), inner, 1}, truth));
      table().float_product(float_task({matrix, input.data(), inner, 1}, result));
      ASSERT_TRUE(same_bits(result.data(), truth.data(), truth.size()));
    }
  }
}

TEST(FloatProduct, IsWithinTheErrorOfItsChain) {
  Random random(3);
  for (const PanelKind kind : k_all_kinds) {
    const std::size_t inner = fitting(kind, 96);
    Matrix matrix = random_matrix(kind, 21, inner, random);
    const std::vector<float> input = random.values(4 * inner);
    MisalignedFloats output(4 * (32 + 3));
    kernels::k_scalar_table.float_product(float_task({matrix, input.data(), inner, 4}, output));
    for (std::size_t row = 0; row < 4; ++row) {
      for (std::size_t o = 0; o < 32; ++o) {
        double sum = 0;
        double magnitude = 0;
        for (std::size_t k = 0; k < inner && o < matrix.outputs; ++k) {
          const double product = static_cast<double>(input[row * inner + k]) * matrix.decoded[o * inner + k];
          sum += product;
          magnitude += std::fabs(product);
        }
        // Each step rounds a partial sum, whose magnitude the sum of magnitudes bounds.
        EXPECT_LE(std::fabs(output[row * 35 + o] - sum), static_cast<double>(inner) * 0x1p-24 * magnitude);
      }
      EXPECT_EQ(output[row * 35 + 32], 12345.0F);  // beyond the panels nothing is written
    }
  }
}

kernels::BlockProduct block_task(Matrix& matrix, Quantized& input, std::size_t rows, MisalignedFloats& output) {
  return {.kind = matrix.kind,
          .panels = matrix.panels.data(),
          .panel_count = matrix.panel_count(),
          .input = input.rows(),
          .rows = rows,
          .output = output.data(),
          .output_stride = matrix.panel_count() * 16 + 3};
}

TEST_P(Products, BlockEqualsTheScalarTruth) {
  Random random(4);
  for (const PanelKind kind : k_block_kinds) {
    for (const std::size_t inner : {32U, 64U, 96U, 128U, 160U, 192U, 224U, 256U, 512U}) {
      if (inner != fitting(kind, inner)) continue;
      for (std::size_t rows = 1; rows <= 9; ++rows) {
        for (const Draw draw : {Draw::plain, Draw::wild, Draw::large}) {
          const std::size_t panels = 1 + rows % 3;
          Matrix matrix = random_matrix(kind, 16 * panels - rows, inner, random, draw);
          const std::vector<float> input = random.values(rows * (inner - 1), draw);
          Quantized quantized(truth(), input.data(), inner - 1, rows);
          MisalignedFloats expected(rows * (16 * panels + 3));
          MisalignedFloats result(expected.size());
          truth().block_product(block_task(matrix, quantized, rows, expected));
          table().block_product(block_task(matrix, quantized, rows, result));
          ASSERT_TRUE(same_bits(result.data(), expected.data(), expected.size()))
              << quant::panel_kind_name(kind) << " inner " << inner << " rows " << rows;
        }
      }
    }
  }
}

/// All codes of a matrix become this one.
void fill_codes(Matrix& matrix, int code) {
  const Layout layout = layout_of(matrix.kind);
  for (std::size_t i = 0; i < matrix.panel_count() * matrix.inner / (layout.values * layout.blocks); ++i) {
    std::memset(matrix.panels.data() + i * layout.bytes + layout.codes, layout.is_byte ? code : code * 17,
                layout.bytes - layout.codes);
  }
}

// Codes and activations at their ends: the integers must not overflow.
TEST_P(Products, BlockWithExtremeCodes) {
  for (const PanelKind kind : k_block_kinds) {
    const std::size_t inner = fitting(kind, 64);
    for (const float sign : {1.0F, -1.0F}) {
      for (const int code : {-128, -127, 127, 0, 15}) {
        if (!layout_of(kind).is_byte && (code < 0 || code > 15)) continue;
        Random random(5);
        Matrix matrix = random_matrix(kind, 16, inner, random);
        fill_codes(matrix, code);
        const std::vector<float> input(4 * inner, sign);
        Quantized quantized(truth(), input.data(), inner, 4);
        ASSERT_EQ(quantized.codes[0], sign < 0 ? -127 : 127);
        MisalignedFloats expected(4 * 19);
        MisalignedFloats result(4 * 19);
        truth().block_product(block_task(matrix, quantized, 4, expected));
        table().block_product(block_task(matrix, quantized, 4, result));
        ASSERT_TRUE(same_bits(result.data(), expected.data(), expected.size())) << quant::panel_kind_name(kind);
      }
    }
  }
}

TEST(BlockProduct, IsTheProductOfWhatTheCodesMean) {
  Random random(6);
  for (const PanelKind kind : k_block_kinds) {
    const std::size_t inner = fitting(kind, 128);
    const std::size_t values = layout_of(kind).values;
    Matrix matrix = random_matrix(kind, 16, inner, random);
    const std::vector<float> input = random.values(2 * inner);
    Quantized quantized(kernels::k_scalar_table, input.data(), inner, 2);
    MisalignedFloats output(2 * 19);
    kernels::k_scalar_table.block_product(block_task(matrix, quantized, 2, output));
    for (std::size_t row = 0; row < 2; ++row) {
      for (std::size_t o = 0; o < 16; ++o) {
        double sum = 0;
        double magnitude = 0;
        for (std::size_t k = 0; k < inner; ++k) {
          const double x =
              quantized.codes[row * inner + k] * static_cast<double>(quantized.scales[(row * inner + k) / 32]);
          const std::size_t block = (o * inner + k) / values;
          const int code = matrix.codes[o * inner + k] - (kind == PanelKind::q4_centered ? 8 : 0);
          const double minimum = layout_of(kind).minimums != 0 ? matrix.minimums[block] : 0.0;
          sum += x * (code * static_cast<double>(matrix.scales[block]) + minimum);
          magnitude +=
              std::fabs(x) * (std::fabs(code * static_cast<double>(matrix.scales[block])) + std::fabs(minimum));
        }
        // Each block has a rounded scale and two rounded sums.
        EXPECT_LE(std::fabs(output[row * 19 + o] - sum), static_cast<double>(inner / values) * 3 * 0x1p-24 * magnitude)
            << quant::panel_kind_name(kind);
      }
    }
  }
}

// A row alone, a panel alone: the same bits as all together (decode equals prefill).
TEST_P(Products, DoNotDependOnGrouping) {
  Random random(7);
  for (const PanelKind kind : k_all_kinds) {
    const std::size_t inner = fitting(kind, 320);
    Matrix matrix = random_matrix(kind, 96, inner, random);
    const std::vector<float> input = random.values(13 * inner);
    MisalignedFloats together(13 * (96 + 3));
    MisalignedFloats alone(together.size());
    const bool block = quant::is_block_kind(kind);
    Quantized quantized(table(), input.data(), inner, 13);
    for (const bool exact : {true, false}) {
      if (!exact && !block) continue;
      if (exact) table().float_product(float_task({matrix, input.data(), inner, 13}, together));
      if (!exact) table().block_product(block_task(matrix, quantized, 13, together));
      for (std::size_t row = 0; row < 13; ++row) {
        for (std::size_t panel = 0; panel < 6; ++panel) {
          kernels::FloatProduct one = float_task({matrix, input.data() + row * inner, inner, 1}, alone);
          one.panels += panel * quant::panel_bytes(kind, inner);
          one.panel_count = 1;
          one.output += row * 99 + panel * 16;
          if (exact) table().float_product(one);
          if (exact) continue;
          kernels::BlockProduct one_block = block_task(matrix, quantized, 1, alone);
          one_block.panels = one.panels;
          one_block.panel_count = 1;
          one_block.output = one.output;
          one_block.input.codes += row * inner;
          one_block.input.scales += row * inner / 32;
          one_block.input.scaled_sums += row * inner / 32;
          one_block.input.sums += row * inner / 32;
          table().block_product(one_block);
        }
      }
      ASSERT_TRUE(same_bits(alone.data(), together.data(), together.size())) << quant::panel_kind_name(kind);
    }
  }
}

TEST_P(Products, OfNoRowsAndNoPanelsTouchNothing) {
  Random random(8);
  Matrix matrix = random_matrix(PanelKind::f16, 16, 32, random);
  const std::vector<float> input = random.values(32);
  MisalignedFloats output(19);
  kernels::FloatProduct task = float_task({matrix, input.data(), 32, 0}, output);
  table().float_product(task);
  task.rows = 1;
  task.panel_count = 0;
  table().float_product(task);
  EXPECT_EQ(output[0], 12345.0F);
}

}  // namespace
