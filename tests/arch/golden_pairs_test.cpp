// Every committed golden encoder-decoder against what Hugging Face transformers computed for it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "eigenformer/forward.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/model_state.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/relative_difference.hpp"

namespace ef = eigenformer;
using eigenformer_tests::GoldenCase;
using eigenformer_tests::relative_difference;

namespace {

class GoldenPair : public testing::TestWithParam<GoldenCase> {
 protected:
  ef::Model load() const { return ef::load(GetParam().model, {.compute = ef::Compute::exact, .threads = 2}); }
};

TEST_P(GoldenPair, ResultsOfEncoderAndDecoderAreThoseOfTransformers) {
  const GoldenCase& golden = GetParam();
  const auto results = ef::forward(load(), golden.input_ids(), golden.watching());
  double worst = 0.0;
  for (const std::string& name : golden.tensor_names()) {
    if (GoldenCase::is_input(name)) continue;
    ASSERT_TRUE(results.contains(name)) << name;
    EXPECT_EQ(results.at(name).shape, golden.shape(name)) << name;
    const double difference = relative_difference(results.at(name).values, golden.tensor(name));
    EXPECT_LE(difference, golden.tolerance()) << name;
    worst = std::max(worst, difference);
  }
  EXPECT_EQ(results.size() + 2, golden.tensor_names().size());
  std::printf("%s: largest relative difference %.2g over %zu tensors\n", golden.name.c_str(), worst, results.size());
}

/// Those that say the next token.
class GenerativePair : public GoldenPair {};

TEST_P(GenerativePair, GreedyIdsAreThoseOfTransformers) {
  const ef::Model model = load();
  const auto recordings = GetParam().greedy();
  ASSERT_GE(recordings.size(), 2U);
  const ef::TokenId start = GetParam().decoder_ids().front();
  for (const auto& greedy : recordings) {
    const ef::GenerateOptions options{
        .max_new_tokens = greedy.ids.size(), .ignore_end_tokens = true, .decoder_start_token = start};
    EXPECT_EQ(ef::generate(model, greedy.prompt, options).at(0).ids, greedy.ids) << greedy.name;
  }
}

/// transformers makes the decoder's ids of the source for some: BART behind its start token, mBART behind the last one.
class ShiftedPair : public GoldenPair {};

void expect_largest(const ef::Model& model, const std::vector<ef::TokenId>& source, const nlohmann::json& recorded) {
  const auto largest = recorded.get<std::vector<double>>();
  const std::vector<float> logits = ef::forward(model, source).at("logits").values;
  const std::size_t size = model.info().vocabulary_size;
  ASSERT_EQ(logits.size(), largest.size() * size);
  for (std::size_t row = 0; row < largest.size(); ++row) {
    const auto begin = logits.begin() + static_cast<std::ptrdiff_t>(row * size);
    const float found = *std::max_element(begin, begin + static_cast<std::ptrdiff_t>(size));
    EXPECT_NEAR(found, largest[row], 1e-3 * std::abs(largest[row])) << row;  // recorded with four digits
  }
}

TEST_P(ShiftedPair, ReadsItsSourceWithTheDecoderAsTransformersDoes) {
  expect_largest(load(), GetParam().input_ids(), GetParam().record().at("largest_without_decoder_ids"));
}

/// mBART's shift counts padding tokens to find the end of the text, wherever they stand.
class PaddedPair : public GoldenPair {};

TEST_P(PaddedPair, ReadsAPaddedSourceAsTransformersDoes) {
  const nlohmann::json& padded = GetParam().record().at("padded");
  expect_largest(load(), padded.at("ids").get<std::vector<ef::TokenId>>(), padded.at("largest"));
}

TEST_P(GenerativePair, TargetsAreScoredAsTheirLogitsSay) {
  const ef::Model model = load();
  const std::vector<ef::TokenId> recorded = GetParam().decoder_ids();
  const std::span<const ef::TokenId> target = std::span(recorded).subspan(1);
  const bool wraps = model.state().network->info().wraps_before_padding.has_value();
  ef::ForwardOptions options{.decoder_ids = {wraps ? target.back() : recorded.front()}};
  options.decoder_ids.insert(options.decoder_ids.end(), target.begin(), target.end() - 1);
  const std::vector<float> logits = ef::forward(model, GetParam().input_ids(), options).at("logits").values;
  const auto scores = ef::target_log_probabilities(model, {.source = GetParam().input_ids(), .target = target});
  ASSERT_EQ(scores.size(), target.size());
  const std::size_t size = model.info().vocabulary_size;
  for (std::size_t row = 0; row < target.size(); ++row) {
    double sum = 0;
    for (std::size_t id = 0; id < size; ++id) sum += std::exp(double{logits[row * size + id]});
    EXPECT_NEAR(scores[row], logits[row * size + static_cast<std::size_t>(target[row])] - std::log(sum), 1e-4);
  }
}

/// Those whose recordings have an entry of that name.
std::vector<GoldenCase> pairs_with(const char* entry) {
  std::vector<GoldenCase> cases = eigenformer_tests::pair_cases();
  std::erase_if(cases, [&](const GoldenCase& golden) { return !golden.record().contains(entry); });
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenPair, testing::ValuesIn(eigenformer_tests::pair_cases()),
                         [](const auto& test) { return test.param.name; });
INSTANTIATE_TEST_SUITE_P(Models, GenerativePair, testing::ValuesIn(pairs_with("greedy")),
                         [](const auto& test) { return test.param.name; });
INSTANTIATE_TEST_SUITE_P(Models, PaddedPair, testing::ValuesIn(pairs_with("padded")),
                         [](const auto& test) { return test.param.name; });
INSTANTIATE_TEST_SUITE_P(Models, ShiftedPair, testing::ValuesIn(pairs_with("largest_without_decoder_ids")),
                         [](const auto& test) { return test.param.name; });

}  // namespace
