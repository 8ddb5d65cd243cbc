// Biases by distance against double precision and plain loops, and the buckets against those of the reference.
#include "eigenformer/nn/positions/relative_position_bias.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <memory>

#include "eigenformer/nn/session.hpp"
#include "tests/nn/double_reference.hpp"
#include "tests/nn/tiny_decoder.hpp"

namespace eigenformer {
namespace {

using namespace testing_nn;
using testing::ElementsAre;

/// Distances at which a new bucket begins.
std::vector<std::size_t> borders(const std::vector<std::uint32_t>& buckets) {
  std::vector<std::size_t> found;
  for (std::size_t distance = 1; distance < buckets.size(); ++distance) {
    if (buckets[distance] != buckets[distance - 1]) found.push_back(distance);
  }
  return found;
}

// From transformers 5.23, T5Attention._relative_position_bucket, for distances 0 .. max_distance.
TEST(DistanceBuckets, AreThoseOfTheReference) {
  EXPECT_THAT(borders(nn::distance_buckets(16, 128)), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91));
  EXPECT_THAT(borders(nn::distance_buckets(32, 128)),
              ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 19, 21, 24, 27, 31, 35, 40, 46, 52, 59,
                          67, 77, 87, 99, 113));
  EXPECT_THAT(borders(nn::distance_buckets(4, 20)), ElementsAre(1, 2, 7));
  EXPECT_THAT(borders(nn::distance_buckets(7, 11)), ElementsAre(1, 2, 3, 5, 6, 8));
}

TEST(DistanceBuckets, NeverGoBeyondTheLast) {
  for (std::size_t buckets = 2; buckets < 40; ++buckets) {
    for (std::size_t most = buckets / 2 + 1; most < 150; most += 7) {
      const std::vector<std::uint32_t> found = nn::distance_buckets(buckets, most);
      ASSERT_EQ(found.size(), most + 1);
      EXPECT_EQ(found.front(), 0U);
      EXPECT_EQ(found.back(), buckets - 1);
      EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
    }
  }
}

/// The bucket once more, in double precision; the tests stay off the places where rounding decides.
std::size_t bucket_of(std::ptrdiff_t relative, const nn::RelativePositionOptions& options) {
  std::size_t side = options.buckets;
  std::size_t first = 0;
  std::size_t distance = relative > 0 ? 0 : static_cast<std::size_t>(-relative);
  if (options.sides == nn::BucketSides::both) {
    side /= 2;
    if (relative > 0) first = side;
    distance = static_cast<std::size_t>(std::abs(relative));
  }
  const std::size_t exact = side / 2;
  if (distance < exact) return first + distance;
  const double part = std::log(static_cast<double>(distance) / static_cast<double>(exact)) /
                      std::log(static_cast<double>(options.max_distance) / static_cast<double>(exact));
  const auto beyond = static_cast<std::size_t>(part * static_cast<double>(side - exact) + 1e-9);
  return first + std::min(exact + beyond, side - 1);
}

/// Attention with biases over one sequence, in double precision.
DoubleRows attended(const AttentionReference& attention, const DoubleRows& x, const std::vector<float>& weight,
                    const nn::RelativePositionOptions& options) {
  const DoubleRows queries = attention.q_proj(x), keys = attention.k_proj(x), values = attention.v_proj(x);
  const std::size_t size = attention.options.head_dim;
  DoubleRows heads(x.size(), std::vector<double>(options.heads * size, 0.0));
  for (std::size_t head = 0; head < options.heads; ++head) {
    const std::size_t kv_first = head / (options.heads / attention.options.kv_heads) * size;
    for (std::size_t row = 0; row < x.size(); ++row) {
      double sum = 0;
      for (std::size_t slot = 0; slot < x.size(); ++slot) {
        if (!attention.sees(row, slot)) continue;
        double dot = 0;
        for (std::size_t d = 0; d < size; ++d) dot += queries[row][head * size + d] * keys[slot][kv_first + d];
        const auto relative = static_cast<std::ptrdiff_t>(slot) - static_cast<std::ptrdiff_t>(row);
        const double bias = weight[bucket_of(relative, options) * options.heads + head];
        const double chance = std::exp(dot * static_cast<double>(attention.options.scale) + bias);
        sum += chance;
        for (std::size_t d = 0; d < size; ++d) heads[row][head * size + d] += chance * values[slot][kv_first + d];
      }
      for (std::size_t d = 0; d < size; ++d) heads[row][head * size + d] /= sum;
    }
  }
  return attention.o_proj(heads);
}

struct Case {
  nn::RelativePositionOptions options;
  nn::Visibility visibility;
};

void expect_attention(const Case& test) {
  Weights weights(21);
  nn::AttentionOptions shape{.heads = 4, .kv_heads = 2, .head_dim = 6, .scale = 1.0F, .visibility = test.visibility};
  const AttentionReference attention(weights, k_hidden, k_hidden, shape);
  const std::vector<float> weight = weights.vector(test.options.buckets * test.options.heads, 2.0F);
  nn::MultiHeadAttention block = attention.block();
  block.bias = std::make_shared<const nn::RelativePositionBias>(weight, test.options);
  nn::Recorder recorder({});
  const nn::Value x = recorder.rows(nn::RowSet::all, {}, k_hidden, [](nn::Value output) -> nn::RowBody {
    return [output](const nn::Step& step, std::size_t row) {
      std::copy_n(step.batch().rows[row].vector, output.width, step.row(output, row));
    };
  });
  recorder.output("y", block(recorder, x));
  const nn::Program program = std::move(recorder).finish();

  for (const std::size_t length : {1U, 33U, 75U}) {
    const std::vector<float> vectors = sequence_vectors(5, length);
    nn::KvCache cache({1, shape.kv_heads, shape.head_dim});
    const nn::BatchSequence sequence{.cache = &cache};
    std::vector<nn::Row> rows;
    append_rows(rows, 0, vectors, 0, length);
    const auto pool = make_thread_pool(2);
    nn::Session session({&program, &best_kernels(), pool.get()});
    session.run({rows, {&sequence, 1}});
    DoubleRows input;
    for (std::size_t row = 0; row < length; ++row) {
      const auto first = vectors.begin() + static_cast<std::ptrdiff_t>(row * k_hidden);
      input.emplace_back(first, first + static_cast<std::ptrdiff_t>(k_hidden));
    }
    const DoubleRows wanted = attended(attention, input, weight, test.options);
    for (std::size_t row = 0; row < length; ++row) {
      for (std::size_t i = 0; i < k_hidden; ++i) {
        ASSERT_NEAR(row_of(session.result("y"), static_cast<Eigen::Index>(row))[i], wanted[row][i], 2e-5) << row;
      }
    }
  }
}

TEST(RelativePositionBias, GoesOnTheScoresOfBothSides) {
  expect_attention({{.heads = 4, .buckets = 32, .max_distance = 50}, nn::Visibility::bidirectional});
  expect_attention({{.heads = 4, .buckets = 9, .max_distance = 7}, nn::Visibility::bidirectional});
}

TEST(RelativePositionBias, GoesOnTheScoresOfWhatCameBefore) {
  expect_attention(
      {{.heads = 4, .buckets = 32, .max_distance = 50, .sides = nn::BucketSides::before}, nn::Visibility::causal});
  expect_attention(
      {{.heads = 4, .buckets = 5, .max_distance = 11, .sides = nn::BucketSides::before}, nn::Visibility::causal});
}

TEST(RelativePositionBias, TakesTheLastBucketFromTheLargestDistanceOn) {
  const nn::RelativePositionOptions options{.heads = 1, .buckets = 4, .max_distance = 3};
  const std::vector<float> weight{1, 2, 3, 4};  // 0, before; 0 (never), behind
  const nn::RelativePositionBias bias(weight, options);
  const nn::Program program;
  nn::Workspace workspace;
  std::vector<nn::Row> rows(60);
  for (std::uint32_t slot = 0; slot < rows.size(); ++slot) rows[slot].slot = slot;
  nn::KvCache cache({1, 1, 4});
  const nn::BatchSequence sequence{.cache = &cache};
  const nn::Step step(program, {rows, {&sequence, 1}}, best_kernels(), workspace, 1);
  std::vector<float> found(60, -1);
  bias.fill(step, {step.runs()[0], 30, 0, {3, 50}}, found.data());
  for (std::size_t slot = 0; slot < found.size(); ++slot) {
    const bool is_visible = slot >= 3 && slot < 50;
    const float wanted = !is_visible ? -1.0F : slot == 30 ? 1.0F : slot < 30 ? 2.0F : 4.0F;
    EXPECT_EQ(found[slot], wanted) << slot;
  }
}

}  // namespace
}  // namespace eigenformer
