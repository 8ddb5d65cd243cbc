// Every committed golden model against what Hugging Face transformers computed for it (tests/golden/README.md).
#include "tests/support/golden.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eigenformer/format/safetensors.hpp"
#include "eigenformer/forward.hpp"
#include "eigenformer/model.hpp"
#include "tests/support/relative_difference.hpp"

namespace ef = eigenformer;
namespace testing_support = eigenformer_tests;

namespace {

using testing_support::GoldenCase;
using testing_support::relative_difference;

class Golden : public testing::TestWithParam<GoldenCase> {
 protected:
  ef::Model load_exact() const { return ef::load(GetParam().model, {.compute = ef::Compute::exact, .threads = 2}); }
};

TEST_P(Golden, ResultsHiddenStatesAndAttentionsAreThoseOfTransformers) {
  const GoldenCase& golden = GetParam();
  const ef::Model model = load_exact();
  const auto results = ef::forward(model, golden.input_ids(), golden.watching());
  double worst = 0.0;
  std::size_t compared = 0;
  for (const std::string& name : golden.tensor_names()) {
    if (GoldenCase::is_input(name)) continue;
    ASSERT_TRUE(results.contains(name)) << name;
    EXPECT_EQ(results.at(name).shape, golden.shape(name)) << name;
    const double difference = relative_difference(results.at(name).values, golden.tensor(name));
    EXPECT_LE(difference, golden.tolerance()) << name;
    worst = std::max(worst, difference);
    ++compared;
  }
  EXPECT_GE(compared, 3U);
  RecordProperty("largest_relative_difference", std::to_string(worst));
  std::printf("%s: largest relative difference %.2g over %zu tensors\n", golden.name.c_str(), worst, compared);
}

TEST_P(Golden, ResultsDoNotDependOnChunks) {
  const std::vector<ef::TokenId> ids = GetParam().input_ids();
  const ef::Model model = load_exact();
  ef::ForwardOptions options = GetParam().watching();
  const auto whole = ef::forward(model, ids, options);
  for (const std::size_t chunk : {1, 7, 32}) {
    options.chunk = chunk;
    const auto pieces = ef::forward(model, ids, options);
    for (const auto& [name, tensor] : whole)
      EXPECT_EQ(tensor.values, pieces.at(name).values) << name << " by " << chunk;
  }
}

class GoldenGreedy : public Golden {};

TEST_P(GoldenGreedy, IdsAreThoseOfTransformers) {
  const ef::Model model = load_exact();
  const std::vector<testing_support::GreedyRecording> recordings = GetParam().greedy();
  ASSERT_GE(recordings.size(), 2U);
  for (const auto& greedy : recordings) {
    std::vector<ef::TokenId> ids = greedy.prompt;
    std::vector<ef::TokenId> continuation;
    while (continuation.size() < greedy.ids.size()) {
      const std::vector<float> logits = ef::forward(model, ids).at("logits").values;
      const auto last = logits.end() - static_cast<std::ptrdiff_t>(model.info().vocabulary_size);
      continuation.push_back(static_cast<ef::TokenId>(std::max_element(last, logits.end()) - last));
      ids.push_back(continuation.back());
    }
    EXPECT_EQ(continuation, greedy.ids) << greedy.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenGreedy, testing::ValuesIn(testing_support::generative_cases()),
                         [](const auto& test) { return test.param.name; });
INSTANTIATE_TEST_SUITE_P(Models, Golden, testing::ValuesIn(testing_support::golden_cases()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
