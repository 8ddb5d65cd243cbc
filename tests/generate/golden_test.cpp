// The decode loop on every golden model that generates: what transformers generates, by a cache filled in chunks.
#include "tests/support/golden.hpp"

#include <gmock/gmock.h>

#include <vector>

#include "eigenformer/generate.hpp"

namespace {

namespace ef = eigenformer;
using eigenformer_tests::GoldenCase;

class GoldenGenerate : public testing::TestWithParam<GoldenCase> {};

TEST_P(GoldenGenerate, GreedyIdsAreThoseOfTransformersForAnyChunk) {
  const ef::Model model = ef::load(GetParam().model, {.compute = ef::Compute::exact, .threads = 2});
  const auto recordings = GetParam().greedy();
  EXPECT_GE(recordings.size(), 2U);
  for (const auto& recording : recordings) {
    for (const std::size_t chunk : {1U, 7U, 32U, 1000U}) {
      const ef::GenerateOptions options{
          .max_new_tokens = recording.ids.size(), .ignore_end_tokens = true, .prefill_chunk = chunk};
      const auto sequence = ef::generate(model, recording.prompt, options).at(0);
      EXPECT_EQ(sequence.ids, recording.ids) << recording.name << " by " << chunk;
    }
  }
}

TEST_P(GoldenGenerate, ASequenceDoesNotDependOnItsCompany) {
  const ef::Model model = ef::load(GetParam().model, {.threads = 2});
  ef::GenerateOptions options{.max_new_tokens = 20, .temperature = 1, .ignore_end_tokens = true};
  const auto prompt = GetParam().greedy().at(0).prompt;
  options.num_return_sequences = 3;
  const auto three = ef::generate(model, prompt, options);
  options.num_return_sequences = 1;
  const auto alone = ef::generate(model, prompt, options);
  EXPECT_EQ(three[0].ids, alone[0].ids);
  EXPECT_EQ(three[0].score, alone[0].score);  // bit for bit
  EXPECT_NE(three[1].ids, alone[0].ids);
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenGenerate, testing::ValuesIn(eigenformer_tests::generative_cases()),
                         [](const auto& golden) { return golden.param.name; });

}  // namespace
