#include "eigenformer/core/tensor_view.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <vector>

#include "eigenformer/core/aligned_buffer.hpp"
#include "eigenformer/core/shape.hpp"

namespace eigenformer {
namespace {

std::vector<float> counting(std::size_t size) {
  std::vector<float> values(size);
  std::iota(values.begin(), values.end(), 0.0F);
  return values;
}

TEST(TensorView, RowsAreAStrideApart) {
  const std::vector<float> memory = counting(3 * 7);
  const ConstMatrixView view = matrix_view(memory.data(), {.rows = 3, .columns = 5, .stride = 7});
  EXPECT_EQ(view.rows(), 3);
  EXPECT_EQ(view.cols(), 5);
  EXPECT_EQ(view.outerStride(), 7);
  EXPECT_EQ(view(0, 4), 4);
  EXPECT_EQ(view(1, 0), 7);
  EXPECT_EQ(view(2, 4), 18);
  EXPECT_EQ(view.row(2).data(), memory.data() + 14);
}

TEST(TensorView, WritesGoToTheMemoryAndNowhereElse) {
  std::vector<float> memory = counting(2 * 4);
  MatrixView view = matrix_view(memory.data(), {.rows = 2, .columns = 3, .stride = 4});
  view.setConstant(-1);
  EXPECT_EQ(memory, (std::vector<float>{-1, -1, -1, 3, -1, -1, -1, 7}));
}

TEST(TensorView, AcceptsMemoryThatIsAlignedToAFloatOnly) {
  const std::vector<float> memory = counting(16);
  for (std::size_t first = 0; first < 4; ++first) {
    const ConstMatrixView view = matrix_view(memory.data() + first, {.rows = 2, .columns = 5, .stride = 6});
    EXPECT_EQ(view(1, 4), static_cast<float>(first + 10));
  }
}

TEST(TensorView, AViewOfNothingIsEmpty) {
  const ConstMatrixView view = matrix_view(static_cast<const float*>(nullptr), {.rows = 0, .columns = 5, .stride = 5});
  EXPECT_EQ(view.size(), 0);
}

TEST(AlignedBuffer, BeginsOnACacheLine) {
  for (const std::size_t size : {1U, 63U, 64U, 1000U}) {
    const AlignedBuffer buffer(size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % k_cache_line, 0U);
    EXPECT_EQ(buffer.size(), size);
  }
  EXPECT_EQ(AlignedBuffer().data(), nullptr);
  EXPECT_EQ(AlignedBuffer().size(), 0U);
}

TEST(RoundUp, GoesToTheNextMultiple) {
  EXPECT_EQ(round_up(0, 32), 0U);
  EXPECT_EQ(round_up(1, 32), 32U);
  EXPECT_EQ(round_up(32, 32), 32U);
  EXPECT_EQ(round_up(33, 32), 64U);
}

TEST(Shape, IsWrittenAsPyTorchWritesIt) {
  EXPECT_EQ(shape_text({2, 3, 4}), "[2, 3, 4]");
  EXPECT_EQ(shape_text({7}), "[7]");
  EXPECT_EQ(shape_text({}), "[]");
}

}  // namespace
}  // namespace eigenformer
