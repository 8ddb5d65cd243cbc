// Packing: what comes out of a panel is what the file's rows decode to, bit for bit, for sizes that fill no panel.
#include "eigenformer/quant/pack.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "eigenformer/quant/block_formats.hpp"
#include "eigenformer/quant/unpack.hpp"
#include "tests/support/errors.hpp"

namespace {

using eigenformer::DataType;
using eigenformer_tests::error_of;
namespace quant = eigenformer::quant;

std::size_t row_bytes(DataType type, std::size_t inner) {
  return inner / eigenformer::block_elements(type) * eigenformer::block_bytes(type);
}

/// Where the upper bytes of a block's scales and minimums lie: those that say whether a number is finite.
std::vector<std::size_t> upper_bytes(DataType type) {
  switch (type) {
    case DataType::f32: return {3};
    case DataType::q4_1:
    case DataType::q5_1:
    case DataType::q4_k:
    case DataType::q5_k: return {1, 3};
    case DataType::q2_k: return {81, 83};
    case DataType::q3_k: return {109};
    case DataType::q6_k: return {209};
    case DataType::mxfp4: return {0};
    default: return {1};
  }
}

/// Random bytes with finite scales: the top exponent bit of each is cleared.
std::vector<std::byte> random_matrix(DataType type, std::size_t rows, std::size_t inner) {
  std::mt19937 random(static_cast<std::uint32_t>(rows * 1000 + inner));
  std::vector<std::byte> bytes(rows * row_bytes(type, inner));
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  const std::size_t step = eigenformer::block_bytes(type);
  for (std::size_t block = 0; block < bytes.size(); block += step) {
    for (const std::size_t upper : upper_bytes(type)) bytes[block + upper] &= std::byte{0xBF};
  }
  return bytes;
}

/// `blocks` blocks of 32 values, or of the type's own.
std::size_t inner_of(DataType type, std::size_t blocks) {
  return blocks * std::max<std::size_t>(32, eigenformer::block_elements(type));
}

std::vector<std::uint32_t> bits_of(const std::vector<float>& values) {
  std::vector<std::uint32_t> bits;
  for (const float value : values) bits.push_back(std::bit_cast<std::uint32_t>(value));
  return bits;
}

std::vector<float> decoded_row(DataType type, const std::vector<std::byte>& bytes, std::size_t row, std::size_t inner) {
  std::vector<float> values(inner);
  quant::decode_values(type, bytes.data() + row * row_bytes(type, inner), inner, values.data());
  return values;
}

std::vector<float> packed_row(const quant::PackedMatrix& matrix, std::size_t output) {
  std::vector<float> values(matrix.inner());
  quant::decode_row(matrix, output, values);
  return values;
}

constexpr DataType k_types[] = {DataType::f32,  DataType::f16,    DataType::bf16,   DataType::q4_0,
                                DataType::q4_1, DataType::q5_0,   DataType::q5_1,   DataType::q8_0,
                                DataType::q2_k, DataType::q3_k,   DataType::q4_k,   DataType::q5_k,
                                DataType::q6_k, DataType::iq4_nl, DataType::iq4_xs, DataType::mxfp4};

class Pack : public testing::TestWithParam<DataType> {};

TEST_P(Pack, EveryRowComesBackBitForBit) {
  for (const std::size_t outputs : {1, 15, 16, 17, 33}) {
    for (const std::size_t blocks : {1, 3, 5}) {
      const std::size_t inner = inner_of(GetParam(), blocks);
      const auto bytes = random_matrix(GetParam(), outputs, inner);
      const auto matrix = quant::pack(bytes, GetParam(), outputs, inner);
      ASSERT_EQ(matrix.panels(), (outputs + 15) / 16);
      for (std::size_t output = 0; output < outputs; ++output) {
        ASSERT_EQ(bits_of(packed_row(matrix, output)), bits_of(decoded_row(GetParam(), bytes, output, inner)))
            << outputs << " x " << inner << ", output " << output;
      }
    }
  }
}

TEST_P(Pack, PartsOfAPanelAreItsRowsTransposed) {
  const std::size_t outputs = 19;
  const std::size_t inner = inner_of(GetParam(), 4);
  const auto matrix = quant::pack(random_matrix(GetParam(), outputs, inner), GetParam(), outputs, inner);
  const std::size_t step = quant::is_block_kind(matrix.kind()) ? 32 : 1;
  const std::size_t first = quant::is_block_kind(matrix.kind()) ? 1 : 5;
  const std::size_t count = quant::is_block_kind(matrix.kind()) ? 2 : 9;
  for (std::size_t panel = 0; panel < matrix.panels(); ++panel) {
    std::vector<float> part(count * step * 16);
    quant::unpack_panel(matrix.kind(), matrix.panel(panel), first, count, part.data());
    for (std::size_t lane = 0; lane < 16 && panel * 16 + lane < outputs; ++lane) {
      const std::vector<float> row = packed_row(matrix, panel * 16 + lane);
      for (std::size_t k = 0; k < count * step; ++k) {
        ASSERT_EQ(std::bit_cast<std::uint32_t>(part[k * 16 + lane]),
                  std::bit_cast<std::uint32_t>(row[first * step + k]));
      }
    }
  }
}

TEST_P(Pack, MissingOutputsAreZeros) {
  const std::size_t inner = inner_of(GetParam(), 1);
  const auto matrix = quant::pack(random_matrix(GetParam(), 17, inner), GetParam(), 17, inner);
  std::vector<float> values(32 * 16);
  quant::unpack_panel(matrix.kind(), matrix.panel(1), 0, quant::is_block_kind(matrix.kind()) ? 1 : 32, values.data());
  for (std::size_t k = 0; k < 32; ++k) {
    for (std::size_t lane = 1; lane < 16; ++lane) ASSERT_EQ(values[k * 16 + lane], 0.0F);
  }
}

TEST_P(Pack, RowOrderPicksRows) {
  const std::size_t rows = 40;
  const std::size_t inner = inner_of(GetParam(), 2);
  const auto bytes = random_matrix(GetParam(), rows, inner);
  const std::vector<std::int32_t> order = {39, 0, 7, 7, 20, 38, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 31};
  const auto matrix = quant::pack(bytes, GetParam(), order.size(), inner, {.row_order = order});
  for (std::size_t output = 0; output < order.size(); ++output) {
    ASSERT_EQ(bits_of(packed_row(matrix, output)),
              bits_of(decoded_row(GetParam(), bytes, static_cast<std::size_t>(order[output]), inner)));
  }
}

TEST_P(Pack, PanelsMayBeFilledInAnyPieces) {
  const std::size_t inner = inner_of(GetParam(), 3);
  const auto bytes = random_matrix(GetParam(), 70, inner);
  const auto whole = quant::pack(bytes, GetParam(), 70, inner);
  const quant::PackSource source{bytes, GetParam(), {}};
  quant::PanelMemory memory;
  auto pieces = quant::make_packed(source, {.outputs = 70, .inner = inner}, memory);
  quant::pack_panels(pieces, source, 3, 2);
  quant::pack_panels(pieces, source, 0, 1);
  quant::pack_panels(pieces, source, 1, 2);
  ASSERT_EQ(whole.bytes(), pieces.bytes());
  EXPECT_EQ(std::memcmp(whole.panel(0), pieces.panel(0), static_cast<std::size_t>(whole.bytes())), 0);
}

INSTANTIATE_TEST_SUITE_P(Formats, Pack, testing::ValuesIn(k_types),
                         [](const auto& instance) { return std::string(eigenformer::data_type_name(instance.param)); });

TEST(PackLayout, FourBitGroupsAreAsPanelSays) {
  // one block whose code at (output, k) is known: (output + k) mod 16
  std::vector<std::byte> bytes(16 * 18);
  for (std::size_t output = 0; output < 16; ++output) {
    for (std::size_t i = 0; i < 16; ++i) {
      bytes[output * 18 + 2 + i] = static_cast<std::byte>(((output + i) % 16) | (((output + i + 16) % 16) << 4U));
    }
  }
  const auto matrix = quant::pack(bytes, DataType::q4_0, 16, 32);
  for (std::size_t group = 0; group < 8; ++group) {
    for (std::size_t j = 0; j < 32; ++j) {
      const std::size_t k = 4 * group + j % 4;
      const std::size_t expected = ((j / 4 + k) % 16) | (((8 + j / 4 + k) % 16) << 4U);
      ASSERT_EQ(static_cast<std::size_t>(matrix.panel(0)[32 + 32 * group + j]), expected) << group << " " << j;
    }
  }
}

TEST(PackLayout, EightBitGroupsAreAsPanelSays) {
  std::vector<std::byte> bytes(16 * 34);
  for (std::size_t output = 0; output < 16; ++output) {
    for (std::size_t k = 0; k < 32; ++k) bytes[output * 34 + 2 + k] = static_cast<std::byte>(output * 16 + k);
  }
  const auto matrix = quant::pack(bytes, DataType::q8_0, 16, 32);
  for (std::size_t group = 0; group < 8; ++group) {
    for (std::size_t j = 0; j < 64; ++j) {
      ASSERT_EQ(matrix.panel(0)[32 + 64 * group + j], static_cast<std::byte>(j / 4 * 16 + 4 * group + j % 4));
    }
  }
}

TEST(PackTransposed, ColumnsBecomeOutputs) {
  const std::size_t inner = 37;
  const std::size_t columns = 51;
  for (const DataType type : {DataType::f32, DataType::f16, DataType::bf16}) {
    const auto bytes = random_matrix(type, inner, columns);  // [inner, columns]
    const auto matrix = quant::pack(bytes, type, columns, inner, {.transposed = true});
    std::vector<std::int32_t> order(17);
    std::iota(order.begin(), order.end(), 34);  // the last third, as of a q, k, v matrix
    const auto part = quant::pack(bytes, type, 17, inner, {.row_order = order, .transposed = true});
    for (std::size_t k = 0; k < inner; ++k) {
      const std::vector<float> row = decoded_row(type, bytes, k, columns);
      for (std::size_t column = 0; column < columns; ++column) {
        ASSERT_EQ(std::bit_cast<std::uint32_t>(packed_row(matrix, column)[k]),
                  std::bit_cast<std::uint32_t>(row[column]));
      }
      for (std::size_t output = 0; output < 17; ++output) {
        ASSERT_EQ(std::bit_cast<std::uint32_t>(packed_row(part, output)[k]),
                  std::bit_cast<std::uint32_t>(row[34 + output]));
      }
    }
  }
}

class PackNotFinite : public testing::TestWithParam<DataType> {};

TEST_P(PackNotFinite, IsAnError) {
  const std::size_t inner = inner_of(GetParam(), 2);
  const std::size_t last = row_bytes(GetParam(), inner) - eigenformer::block_bytes(GetParam());
  const auto with_word = [&](std::size_t at, std::uint32_t word, std::size_t size) {
    auto bytes = random_matrix(GetParam(), 18, inner);
    std::memcpy(bytes.data() + 17 * row_bytes(GetParam(), inner) + last + at, &word, size);
    return error_of([&] { quant::pack(bytes, GetParam(), 18, inner); });
  };
  const std::string error =
      "numeric.weight_not_finite: expected weights that are finite numbers, found one that is infinite or not a "
      "number; "
      "download the file again, or use another conversion of this model";
  if (GetParam() == DataType::f32) {
    EXPECT_EQ(with_word(0, 0x7F800000U, 4), error);
    EXPECT_EQ(with_word(0, 0xFFC00000U, 4), error);
    EXPECT_EQ(with_word(0, 0x7F7FFFFFU, 4), "no error");
    return;
  }
  if (GetParam() == DataType::mxfp4) {
    EXPECT_EQ(with_word(0, 255, 1), error);
    EXPECT_EQ(with_word(0, 253, 1), error);
    EXPECT_EQ(with_word(0, 252, 1), "no error");
    return;
  }
  for (const std::size_t upper : upper_bytes(GetParam())) {
    if (GetParam() == DataType::bf16) {
      EXPECT_EQ(with_word(upper - 1, 0x7F80U, 2), error);
      EXPECT_EQ(with_word(upper - 1, 0x7F7FU, 2), "no error");
    } else {
      EXPECT_EQ(with_word(upper - 1, 0x7C00U, 2), error);
      EXPECT_EQ(with_word(upper - 1, 0xFE01U, 2), error);
      EXPECT_EQ(with_word(upper - 1, 0xFBFFU, 2), "no error");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, PackNotFinite, testing::ValuesIn(k_types),
                         [](const auto& instance) { return std::string(eigenformer::data_type_name(instance.param)); });

TEST(PackErrors, NameWhatDoesNotFit) {
  const std::vector<std::byte> bytes(36);
  const std::vector<std::int32_t> order = {0, 2};
  EXPECT_EQ(
      error_of([&] { quant::pack(bytes, DataType::i32, 3, 3); }),
      "weight.type_not_packed: expected a matrix of type F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, "
      "Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS or MXFP4, found I32; convert the weights to one of these types");
  EXPECT_EQ(
      error_of([&] { quant::pack(bytes, DataType::q4_0, 2, 33); }),
      "shape.pack_inner: expected a matrix whose rows are whole blocks of 32 values, found 2 rows of 33 values of type "
      "Q4_0; use a file whose shapes fit its config");
  EXPECT_EQ(
      error_of([&] { quant::pack(bytes, DataType::q4_0, 3, 32); }),
      "shape.pack_bytes: expected 3 rows of 32 values of type Q4_0, found 36 bytes; use a file whose shapes fit its "
      "config");
  EXPECT_EQ(
      error_of([&] { quant::pack(bytes, DataType::q4_0, 2, 32, {.row_order = order}); }),
      "shape.pack_row_order: expected one row below 2 for each of 2 outputs, found row 2; correct the order of rows "
      "that the architecture gives");
  EXPECT_EQ(error_of([&] { quant::pack(bytes, DataType::q4_0, 2, 32, {.transposed = true}); }),
            "shape.pack_transposed: expected a transposed matrix of type F32, F16 or BF16, found Q4_0, whose blocks "
            "lie along "
            "the rows; use a file that keeps this matrix as [outputs, inner]");
}

TEST(PackErrors, SizesThatWrapAreErrors) {
  const std::vector<std::byte> bytes(36);
  for (const std::size_t huge :
       {std::size_t{1} << 62U, std::size_t{1} << 63U, std::numeric_limits<std::size_t>::max() - 31}) {
    EXPECT_EQ(eigenformer_tests::error_id_of([&] { quant::pack(bytes, DataType::f32, 1, huge); }), "shape.pack_bytes");
    EXPECT_EQ(eigenformer_tests::error_id_of([&] { quant::pack(bytes, DataType::q8_0, 1, huge); }), "shape.pack_bytes");
    EXPECT_EQ(eigenformer_tests::error_id_of([&] { quant::pack(bytes, DataType::f32, huge, 1); }), "shape.pack_bytes");
  }
  EXPECT_EQ(eigenformer_tests::error_id_of([&] { quant::pack(bytes, DataType::f32, 0, 9); }), "shape.pack_inner");
  EXPECT_EQ(eigenformer_tests::error_id_of([&] { quant::pack(bytes, DataType::f32, 9, 0); }), "shape.pack_inner");
}

}  // namespace
