// Heads, embeddings and sinusoidal positions.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "eigenformer/ops/embedding.hpp"
#include "eigenformer/ops/heads.hpp"
#include "eigenformer/ops/sinusoidal.hpp"
#include "tests/ops/reference.hpp"

namespace eigenformer {
namespace {

TEST(Heads, AreSplitWithoutACopy) {
  std::vector<float> memory(2 * 13);
  std::iota(memory.begin(), memory.end(), 0.0F);
  const MatrixView rows = matrix_view(memory.data(), {2, 12, 13});  // a row is followed by something else
  const ops::HeadsView heads = ops::split_heads(rows, 3);
  EXPECT_EQ(heads.shape(), (Shape{3, 2, 4}));
  for (Eigen::Index head = 0; head < 3; ++head) {
    for (Eigen::Index row = 0; row < 2; ++row) {
      EXPECT_EQ(heads.row(head, row), memory.data() + row * 13 + head * 4);
      for (Eigen::Index d = 0; d < 4; ++d) EXPECT_EQ(heads[head](row, d), static_cast<float>(row * 13 + head * 4 + d));
    }
  }
  heads[2](1, 3) = -1;
  EXPECT_EQ(memory[13 + 11], -1);
}

TEST(Heads, MergeToWhatTheyWereSplitFrom) {
  std::vector<float> memory(2 * 13);
  const MatrixView rows = matrix_view(memory.data(), {2, 12, 13});
  for (const Eigen::Index count : {1, 2, 3, 4, 6, 12}) {
    const MatrixView merged = ops::merge_heads(ops::split_heads(rows, count));
    EXPECT_EQ(merged.data(), rows.data());
    EXPECT_EQ(merged.rows(), 2);
    EXPECT_EQ(merged.cols(), 12);
    EXPECT_EQ(merged.outerStride(), 13);
    const ConstMatrixView read = ops::merge_heads(ops::split_heads(read_only(rows), count));
    EXPECT_EQ(read.cols(), 12);
  }
}

TEST(Heads, ThatDoNotFitAreRefused) {
  std::vector<float> memory(24);
  const MatrixView rows = matrix_view(memory.data(), {2, 12, 12});
  EXPECT_THROW(ops::split_heads(rows, 5), ShapeError);
  EXPECT_THROW(ops::split_heads(rows, 0), ShapeError);
  const ops::HeadsView apart{memory.data(), 2, 3, 4, 12, 4};  // [heads][rows][head_dim]: no matrix of rows
  EXPECT_THROW(ops::merge_heads(apart), ShapeError);
}

TEST(Embedding, LooksRowsUp) {
  const std::vector<float> table = testing_ops::Numbers(1).vector(21 * 5);
  const quant::PackedMatrix packed = quant::pack(std::as_bytes(std::span(table)), DataType::f32, 21, 5);
  const std::vector<std::int32_t> ids = {20, 0, 7, 20};
  std::vector<float> output(4 * 6, -9.0F);
  ops::embed(packed, ids, matrix_view(output.data(), {4, 5, 6}));
  for (std::size_t row = 0; row < 4; ++row) {
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_EQ(output[row * 6 + i], table[static_cast<std::size_t>(ids[row]) * 5 + i]);
    }
    EXPECT_EQ(output[row * 6 + 5], -9.0F);
  }
}

TEST(Embedding, RefusesIdsThatTheTableLacks) {
  const std::vector<float> table(21 * 5);
  const quant::PackedMatrix packed = quant::pack(std::as_bytes(std::span(table)), DataType::f32, 21, 5);
  std::vector<float> output(2 * 5);
  for (const std::int32_t id : {21, -1}) {
    try {
      ops::embed(packed, std::vector<std::int32_t>{3, id}, matrix_view(output.data(), {2, 5, 5}));
      ADD_FAILURE();
    } catch (const ShapeError& error) {
      EXPECT_EQ(error.id(), "shape.embedding_id");
      EXPECT_EQ(std::string(error.what()), "embed, row 1: expected an id below 21, found " + std::to_string(id) +
                                               "; use the tokenizer that belongs to the model");
    }
  }
  EXPECT_THROW(ops::embed(packed, std::vector<std::int32_t>{3}, matrix_view(output.data(), {2, 5, 5})), ShapeError);
}

TEST(Sinusoidal, IsItsFormula) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{64}}) {
    for (const std::int32_t position : {0, 1, 2, 511, 100000}) {
      std::vector<float> out(size);
      ops::sinusoidal_position(position, out);
      for (std::size_t i = 0; i < size; ++i) {
        const double exponent = static_cast<double>(i - i % 2) / static_cast<double>(size);
        const double angle = position / std::pow(10000.0, exponent);
        EXPECT_NEAR(out[i], i % 2 == 0 ? std::sin(angle) : std::cos(angle), 1e-7) << position << " " << i;
      }
    }
  }
}

}  // namespace
}  // namespace eigenformer
