// A cache of int8 under every architecture, cross-attention and relative positions among them: near the results of a
// cache of f32, the same for probes, and in its smaller memory.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "eigenformer/forward.hpp"
#include "eigenformer/generate.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/output_values.hpp"

namespace ef = eigenformer;
using eigenformer_tests::GoldenCase;
using eigenformer_tests::output_values;

namespace {

const std::string k_golden_llama = std::string(EIGENFORMER_SOURCE_DIR) + "/tests/golden/llama/default";

/// Everything in f32 but for the cache.
ef::LoadOptions with_cache(ef::CacheElement cache) { return {.compute = ef::Compute::exact, .cache = cache}; }

/// sqrt(sum of (a - b)^2 / sum of b^2).
double root_mean_square_difference(const std::vector<float>& ours, const std::vector<float>& theirs) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    difference += std::pow(double{ours.at(i)} - theirs[i], 2);
    size += std::pow(double{theirs[i]}, 2);
  }
  return std::sqrt(difference / size);
}

class Int8Cache : public testing::TestWithParam<GoldenCase> {};

// The models' weights are drawn so that attention is sharp: what a code moves shows more than in trained ones.
TEST_P(Int8Cache, StaysNearTheResultsOfF32) {
  std::vector<std::vector<float>> values;
  for (const ef::CacheElement cache : {ef::CacheElement::f32, ef::CacheElement::int8}) {
    const ef::Model model = ef::load(GetParam().model, with_cache(cache));
    EXPECT_EQ(model.info().cache, cache);
    values.push_back(output_values(ef::forward(model, GetParam().input_ids(), GetParam().inputs())));
  }
  EXPECT_LT(root_mean_square_difference(values[1], values[0]), 0.2);
  EXPECT_NE(values[1], values[0]);
}

INSTANTIATE_TEST_SUITE_P(Models, Int8Cache, testing::ValuesIn(eigenformer_tests::all_golden_cases()),
                         [](const auto& golden) { return golden.param.name; });

TEST(Int8CacheMemory, IsCodesAndScales) {
  const ef::Model model = ef::load(k_golden_llama, with_cache(ef::CacheElement::int8));
  // layers, key heads, keys and values, slots; head_dim codes and one scale
  EXPECT_EQ(model.cache_bytes(33), 2 * (2U * 2U * 2U * 32U * (12U + 4U)));
}

TEST(Int8CacheMaps, AreProbabilitiesAndNearThoseOfF32) {
  const std::vector<ef::TokenId> ids = {3, 1, 4, 1, 5, 9, 2, 6};
  std::vector<std::vector<float>> maps;
  for (const ef::CacheElement cache : {ef::CacheElement::f32, ef::CacheElement::int8}) {
    const ef::Model model = ef::load(k_golden_llama, with_cache(cache));
    maps.push_back(ef::forward(model, ids, {.attentions = true}).at("attentions.1").values);
  }
  ASSERT_EQ(maps[1].size(), maps[0].size());
  double sum = 0;
  for (std::size_t i = 0; i < maps[1].size(); ++i) {
    EXPECT_NEAR(maps[1][i], maps[0][i], 0.1);
    sum += maps[1][i];
  }
  EXPECT_NEAR(sum, 6.0 * 8.0, 1e-3);  // of each head and row
}

TEST(Int8CacheBeams, AreTheSameForEveryChunk) {
  const ef::Model model = ef::load(k_golden_llama, {.cache = ef::CacheElement::int8});
  std::vector<ef::TokenId> ids;
  for (ef::TokenId id = 0; id < 40; ++id) ids.push_back((7 * id + 3) % 131);
  std::vector<std::vector<ef::TokenId>> written;
  for (const std::size_t chunk : {1U, 13U, 256U}) {
    const auto sequences = ef::generate(
        model, ids, {.max_new_tokens = 30, .ignore_end_tokens = true, .prefill_chunk = chunk, .num_beams = 3});
    written.push_back(sequences.front().ids);
  }
  EXPECT_EQ(written[0].size(), 30U);
  EXPECT_EQ(written[1], written[0]);
  EXPECT_EQ(written[2], written[0]);
}

}  // namespace
