// Every committed golden encoder-decoder against what Hugging Face transformers computed for it.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <memory>

#include "eigenformer/forward.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/kernels/select.hpp"
#include "eigenformer/model_state.hpp"
#include "tests/support/bit_hash.hpp"
#include "tests/support/golden.hpp"

namespace ef = eigenformer;
using eigenformer_tests::bit_hash;
using eigenformer_tests::GoldenCase;

namespace {

class GoldenPair : public testing::TestWithParam<GoldenCase> {
 protected:
  ef::Model load(ef::Compute compute = ef::Compute::exact) const {
    return ef::load(GetParam().model, {.compute = compute, .threads = 2});
  }
  ef::ForwardOptions options(bool watched) const {
    return {.hidden_states = watched, .attentions = watched, .decoder_ids = GetParam().decoder_ids()};
  }
};

double relative_difference(const std::vector<float>& ours, const std::vector<float>& theirs) {
  EXPECT_EQ(ours.size(), theirs.size());
  double difference = 0.0, size = 0.0;
  for (std::size_t index = 0; index < std::min(ours.size(), theirs.size()); ++index) {
    difference = std::max(difference, std::abs(double{ours[index]} - theirs[index]));
    size = std::max(size, std::abs(double{theirs[index]}));
  }
  return difference / size;
}

TEST_P(GoldenPair, ResultsOfEncoderAndDecoderAreThoseOfTransformers) {
  const GoldenCase& golden = GetParam();
  const auto results = ef::forward(load(), golden.input_ids(), options(true));
  double worst = 0.0;
  for (const std::string& name : golden.tensor_names()) {
    if (name == "input_ids" || name == "decoder_ids") continue;
    ASSERT_TRUE(results.contains(name)) << name;
    const double difference = relative_difference(results.at(name).values, golden.tensor(name));
    EXPECT_LE(difference, golden.tolerance()) << name;
    worst = std::max(worst, difference);
  }
  EXPECT_EQ(results.size() + 2, golden.tensor_names().size());
  std::printf("%s: largest relative difference %.2g over %zu tensors\n", golden.name.c_str(), worst, results.size());
}

TEST_P(GoldenPair, GreedyIdsAreThoseOfTransformers) {
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

/// The bits are those of one thread with the scalar kernels, whatever the threads, the instruction set, the chunk.
TEST_P(GoldenPair, BitsDoNotDependOnThreadsInstructionSetsOrChunks) {
  for (const ef::Compute compute : {ef::Compute::exact, ef::Compute::automatic}) {
    std::map<std::string, ef::Tensor> first;
    for (const auto set : ef::kernels::available_instruction_sets()) {
      for (const unsigned threads : {1U, 3U}) {
        const ef::Model model = ef::load(
            GetParam().model,
            {.compute = compute, .threads = threads, .instruction_set = std::string(instruction_set_name(set))});
        for (const std::size_t chunk : {0, 1, 7, 32}) {
          ef::ForwardOptions forward = options(false);
          forward.chunk = chunk;
          const auto results = ef::forward(model, GetParam().input_ids(), forward);
          if (first.empty()) first = results;
          for (const auto& [name, tensor] : first) {
            EXPECT_EQ(bit_hash(tensor.values), bit_hash(results.at(name).values)) << name << " by " << chunk;
          }
        }
      }
    }
  }
}

TEST_P(GoldenPair, TargetsAreScoredAsTheirLogitsSay) {
  const ef::Model model = load();
  const std::vector<ef::TokenId> ids = GetParam().decoder_ids();
  const std::vector<float> logits = ef::forward(model, GetParam().input_ids(), options(false)).at("logits").values;
  if (model.state().generation_defaults.decoder_start_token != ids.front()) GTEST_SKIP() << "begins otherwise";
  const std::span<const ef::TokenId> target = std::span(ids).subspan(1);
  const auto scores = ef::target_log_probabilities(model, {.source = GetParam().input_ids(), .target = target});
  ASSERT_EQ(scores.size(), target.size());
  const std::size_t size = model.info().vocabulary_size;
  for (std::size_t row = 0; row < target.size(); ++row) {
    double sum = 0;
    for (std::size_t id = 0; id < size; ++id) sum += std::exp(double{logits[row * size + id]});
    EXPECT_NEAR(scores[row], logits[row * size + static_cast<std::size_t>(target[row])] - std::log(sum), 1e-4);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenPair, testing::ValuesIn(eigenformer_tests::pair_cases()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
