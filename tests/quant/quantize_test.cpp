// Quantizing while packing: the blocks are those of the gguf package, whatever type, order and layout the file has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/format/safetensors.hpp"
#include "eigenformer/quant/block_formats.hpp"
#include "eigenformer/quant/pack.hpp"
#include "tests/support/errors.hpp"

namespace quantize_test {

using eigenformer::DataType;
namespace format = eigenformer::format;
namespace quant = eigenformer::quant;

format::RawTensor recorded(const std::string& name) {
  const auto file = format::open_safetensors(
      format::file_source(std::string(EIGENFORMER_SOURCE_DIR) + "/tests/golden/quant/quantized.safetensors"));
  for (const auto& entry : file->entries()) {
    if (entry.name == name) return file->read(entry);
  }
  ADD_FAILURE() << "no tensor " << name;
  return {};
}

quant::PackedMatrix packed(const quant::PackSource& source, quant::MatrixSize size) {
  quant::PanelMemory memory;
  quant::PackedMatrix matrix = quant::make_packed(source, size, memory);
  quant::pack_panels(matrix, source, 0, matrix.panels());
  return matrix;
}

std::vector<std::byte> panel_bytes(const quant::PackedMatrix& matrix) {
  return {matrix.panel(0), matrix.panel(0) + matrix.bytes()};
}

/// Random finite elements of about the size of weights.
std::vector<std::byte> random_elements(DataType type, std::size_t count) {
  std::mt19937 random(static_cast<std::uint32_t>(count));
  std::vector<std::byte> bytes(count * eigenformer::block_bytes(type));
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  for (std::size_t i = eigenformer::block_bytes(type) - 1; i < bytes.size(); i += eigenformer::block_bytes(type)) {
    bytes[i] = (bytes[i] & std::byte{0x80}) | (type == DataType::f16 ? std::byte{0x2C} : std::byte{0x3D});
  }
  return bytes;
}

class Quantize : public testing::TestWithParam<DataType> {
 protected:
  /// The panels of rows of f32 whose blocks are made one by one.
  std::vector<std::byte> expected(const std::vector<std::vector<float>>& rows) const {
    std::vector<std::byte> blocks;
    for (const std::vector<float>& row : rows) {
      std::vector<std::byte> of_row(row.size() / 32 * eigenformer::block_bytes(GetParam()));
      quant::find_block_format(GetParam())->quantize(row.data(), row.size() / 32, of_row.data());
      blocks.insert(blocks.end(), of_row.begin(), of_row.end());
    }
    return panel_bytes(quant::pack(blocks, GetParam(), rows.size(), rows.front().size()));
  }
  quant::PackSource source(std::span<const std::byte> bytes, DataType type, quant::PackOptions options = {}) const {
    return {bytes, type, options, GetParam()};
  }
};

TEST_P(Quantize, GivesTheReferencesBlocks) {
  const format::RawTensor values = recorded("values");
  const format::RawTensor blocks = recorded(std::string(eigenformer::data_type_name(GetParam())));
  const std::size_t count = values.bytes.size() / 128;
  ASSERT_GT(count, 200U);
  std::vector<std::byte> ours(blocks.bytes.size());
  std::vector<float> floats(count * 32);
  std::memcpy(floats.data(), values.bytes.data(), values.bytes.size());
  quant::find_block_format(GetParam())->quantize(floats.data(), count, ours.data());
  const std::size_t size = eigenformer::block_bytes(GetParam());
  for (std::size_t block = 0; block < count; ++block) {
    ASSERT_EQ(std::memcmp(ours.data() + block * size, blocks.bytes.data() + block * size, size), 0) << block;
  }
  EXPECT_EQ(panel_bytes(packed(source(values.bytes, DataType::f32), {count, 32})),
            panel_bytes(quant::pack(blocks.bytes, GetParam(), count, 32)));
}

TEST_P(Quantize, EveryPlainTypeAndSize) {
  for (const DataType type : {DataType::f32, DataType::f16, DataType::bf16}) {
    for (const std::size_t outputs : {1, 16, 17, 33}) {
      for (const std::size_t inner : {32, 128, 288}) {
        const std::vector<std::byte> bytes = random_elements(type, outputs * inner);
        std::vector<std::vector<float>> rows(outputs, std::vector<float>(inner));
        for (std::size_t row = 0; row < outputs; ++row) {
          quant::decode_values(type, bytes.data() + row * inner * eigenformer::block_bytes(type), inner,
                               rows[row].data());
        }
        ASSERT_EQ(panel_bytes(packed(source(bytes, type), {outputs, inner})), expected(rows))
            << eigenformer::data_type_name(type) << " " << outputs << " x " << inner;
      }
    }
  }
}

TEST_P(Quantize, RowsInAnOrderAndColumnsOfATransposedFile) {
  const std::size_t inner = 160, columns = 40;
  const std::vector<std::int32_t> order = {39, 0, 7, 7, 20, 38, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 31};
  for (const DataType type : {DataType::f32, DataType::f16, DataType::bf16}) {
    const std::vector<std::byte> bytes = random_elements(type, inner * columns);
    std::vector<float> values(inner * columns);
    quant::decode_values(type, bytes.data(), values.size(), values.data());
    std::vector<std::vector<float>> chosen_rows, chosen_columns;
    for (const std::int32_t chosen : order) {
      const auto first = values.begin() + static_cast<std::ptrdiff_t>(inner) * chosen;
      chosen_rows.emplace_back(first, first + static_cast<std::ptrdiff_t>(inner));
      std::vector<float>& column = chosen_columns.emplace_back();
      for (std::size_t k = 0; k < inner; ++k) {
        column.push_back(values[k * columns + static_cast<std::size_t>(chosen)]);
      }
    }
    EXPECT_EQ(panel_bytes(packed(source(bytes, type, {.row_order = order}), {order.size(), inner})),
              expected(chosen_rows));
    EXPECT_EQ(panel_bytes(packed(source(bytes, type, {.row_order = order, .transposed = true}), {order.size(), inner})),
              expected(chosen_columns));
  }
}

TEST_P(Quantize, WhatIsNoWholeBlocksOrInBlocksAlreadyStays) {
  const std::vector<std::byte> odd = random_elements(DataType::f16, 18 * 48);
  EXPECT_EQ(quant::packed_type(source(odd, DataType::f16), 48), DataType::f16);
  EXPECT_EQ(panel_bytes(packed(source(odd, DataType::f16), {18, 48})),
            panel_bytes(quant::pack(odd, DataType::f16, 18, 48)));
  const std::vector<std::byte> blocks(18 * 18 * 2);
  EXPECT_EQ(quant::packed_type(source(blocks, DataType::q4_0), 64), DataType::q4_0);
  EXPECT_EQ(panel_bytes(packed(source(blocks, DataType::q4_0), {18, 64})),
            panel_bytes(quant::pack(blocks, DataType::q4_0, 18, 64)));
}

TEST_P(Quantize, WhatIsNotFiniteOrDoesNotFitAHalfIsAnError) {
  const auto error_of_last = [&](float value) {
    std::vector<float> values(17 * 64, 1.0F);
    values.back() = value;
    return eigenformer_tests::error_of([&] {
      packed(source(std::as_bytes(std::span(values)), DataType::f32), {17, 64});
    });
  };
  for (const float value : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::quiet_NaN()}) {
    EXPECT_EQ(error_of_last(value),
              "numeric.weight_not_finite: expected weights that are finite numbers, found one that is infinite or not "
              "a number; download the file again, or use another conversion of this model");
  }
  const float largest = std::numeric_limits<float>::max();
  for (const float value : {127 * 65504.0F + 64, -127 * 65504.0F - 64, largest, -largest}) {
    EXPECT_EQ(error_of_last(value),
              "numeric.weight_beyond_half: expected weights whose blocks have scales and minimums of at most 65504, "
              "found a block with a larger one; load the model with its weights as they are");
  }
  EXPECT_EQ(error_of_last(-65504.0F), "no error");
}

INSTANTIATE_TEST_SUITE_P(Formats, Quantize, testing::Values(DataType::q8_0, DataType::q4_1),
                         [](const auto& instance) { return std::string(eigenformer::data_type_name(instance.param)); });

TEST(QuantizeEdges, AScaleFarBelowTheSmallestHalfGivesZeros) {
  const std::vector<float> values(16 * 32, 0x1p-130F);  // 1 / scale would be infinite
  for (const DataType type : {DataType::q8_0, DataType::q4_1}) {
    const quant::PackSource source{std::as_bytes(std::span(values)), DataType::f32, {}, type};
    std::vector<float> row(32, 1.0F);
    quant::decode_row(packed(source, {16, 32}), 3, row);
    EXPECT_THAT(row, testing::Each(0.0F));
  }
}

}  // namespace quantize_test
