// Mirostat 2 against a reading of its own in double precision: which tokens stay, which is drawn, where the border goes
// (mirostat.json, which mirostat_recipe.py has recorded).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "eigenformer/generate.hpp"
#include "eigenformer/generate/sampler.hpp"
#include "tests/generate/recorded.hpp"
#include "tests/generate/vectors.hpp"

namespace mirostat_test {

namespace ef = eigenformer;
using ef::generation::Candidate;
using ef::generation::Sampler;
using nlohmann::json;
using Ids = std::vector<ef::TokenId>;

std::vector<bool> tokens_of(std::span<const Candidate> candidates, std::size_t size) {
  std::vector<bool> tokens(size, false);
  for (const Candidate& candidate : candidates) tokens[static_cast<std::size_t>(candidate.id)] = true;
  return tokens;
}

void expect_run(const json& run, std::uint32_t size) {
  const ef::MirostatOptions options{run.at("surprise"), run.at("learning_rate")};
  Sampler sampler({.temperature = run.at("temperature"), .seed = run.at("seed"), .mirostat = options});
  ef::generation::SamplingBuffers buffers;
  double border = 2 * options.surprise;
  Ids text;
  for (std::size_t place = 0; place < run.at("ids").size(); ++place) {
    SCOPED_TRACE(place);
    const std::vector<float> scores = eigenformer_tests::scores_of(static_cast<std::uint32_t>(place), size);
    const std::vector<bool> expected = eigenformer_tests::tokens_of_mask(run.at("kept")[place], size);
    ASSERT_EQ(tokens_of(sampler.candidates(scores, {.ids = text}, buffers), size), expected);
    const ef::generation::Choice choice = sampler.choose(scores, {.ids = text}, buffers);
    ASSERT_EQ(choice.id, run.at("ids")[place].get<ef::TokenId>());
    sampler.learn(choice);
    border -= options.learning_rate * (-choice.log_probability / std::log(2.0) - options.surprise);
    ASSERT_NEAR(border, run.at("borders")[place].get<double>(), 1e-8);
    text.push_back(choice.id);
  }
}

TEST(RecordedMirostat, KeepsAndDrawsWhatLlamaCppsReadingDoes) {
  const json record = eigenformer_tests::recorded("mirostat.json");
  ASSERT_GE(record.at("runs").size(), 4U);
  for (const json& run : record.at("runs")) expect_run(run, record.at("vocabulary"));
}

}  // namespace mirostat_test
