// Panels that several threads fill are those that one fills.
#include "eigenformer/nn/pack_matrix.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include "tests/support/errors.hpp"

namespace pack_matrix_test {

namespace ef = eigenformer;

/// Calls item 0 alone, as an executor may that has no free thread.
class OneItem final : public ef::Executor {
 public:
  unsigned concurrency() const noexcept override { return 4; }
  void run(unsigned, const ef::Work& work) override { work(0); }
};

std::vector<float> counted(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i % 1013) - 500;
  return values;
}

class PackMatrix : public testing::TestWithParam<std::size_t> {
 protected:
  /// [outputs, 37]
  ef::quant::PackSource source() const { return {std::as_bytes(std::span(values_)), ef::DataType::f32, {}}; }
  ef::quant::PackedMatrix packed(ef::Executor* executor) {
    return ef::nn::pack_matrix(source(), {.outputs = GetParam(), .inner = 37}, memory_, executor);
  }

  std::vector<float> values_ = counted(GetParam() * 37);
  ef::quant::PanelMemory memory_;
};

TEST_P(PackMatrix, IsTheSameWhoeverFillsIt) {
  const ef::quant::PackedMatrix alone = packed(nullptr);
  OneItem one_item;
  const auto threads = ef::make_thread_pool(3);
  for (ef::Executor* executor : {threads.get(), static_cast<ef::Executor*>(&one_item)}) {
    const ef::quant::PackedMatrix shared = packed(executor);
    ASSERT_EQ(shared.bytes(), alone.bytes());
    EXPECT_EQ(std::memcmp(shared.panel(0), alone.panel(0), alone.bytes()), 0);
  }
}

TEST_P(PackMatrix, ThrowsWhatAThreadFound) {
  values_.back() = std::numeric_limits<float>::infinity();
  const auto threads = ef::make_thread_pool(3);
  EXPECT_EQ(eigenformer_tests::error_id_of([&] { packed(threads.get()); }), "numeric.weight_not_finite");
}

INSTANTIATE_TEST_SUITE_P(Outputs, PackMatrix, testing::Values(1, 16, 257, 1000));

}  // namespace pack_matrix_test
