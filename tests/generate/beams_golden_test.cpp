// Searches with beams on the golden models: sequences and scores of transformers (beams_recipe.py,
// beam_options_recipe.py and group_beams_recipe.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eigenformer/generate.hpp"
#include "tests/generate/recorded.hpp"

namespace beams_golden_test {

namespace ef = eigenformer;
using nlohmann::json;
using Ids = std::vector<ef::TokenId>;

constexpr double k_score_tolerance = 1e-4;

/// The recipe's options are keys of a generation_config.json.
std::vector<ef::GeneratedSequence> generated(const ef::Model& model, const json& prompt, const json& options) {
  return ef::generate(model, prompt.get<Ids>(), ef::generation_options(model, {options.dump()}));
}

void expect_recorded(const std::vector<ef::GeneratedSequence>& found, const json& record) {
  ASSERT_EQ(found.size(), record.at("sequences").size());
  for (std::size_t rank = 0; rank < found.size(); ++rank) {
    EXPECT_EQ(found[rank].ids, record.at("sequences")[rank].get<Ids>()) << rank;
    const double expected = record.at("scores")[rank];
    EXPECT_NEAR(found[rank].score, expected, k_score_tolerance * std::max(1.0, std::abs(expected))) << rank;
  }
}

void expect_case(const json& record) {
  const ef::Model model = eigenformer_tests::load_golden(record.at("model"));
  expect_recorded(generated(model, record.at("prompt"), record.at("options")), record);
  if (!record.contains("without")) return;
  const json& without = record.at("without");
  expect_recorded(generated(model, record.at("prompt"), without.at("options")), without);
  EXPECT_NE(record.at("sequences"), without.at("sequences")) << "the option does nothing";
}

/// Of a file of recordings.
class RecordedBeams : public testing::TestWithParam<const char*> {};

// All in one test: each test is a process of its own, which would read the file again.
TEST_P(RecordedBeams, SayWhatTransformersSays) {
  const json recorded = eigenformer_tests::recorded(GetParam() + std::string(".json"));
  ASSERT_GE(recorded.at("cases").size(), 60U);
  for (const json& record : recorded["cases"]) {
    SCOPED_TRACE(record.at("model").get<std::string>() + ", " + record.at("name").get<std::string>());
    expect_case(record);
  }
}

INSTANTIATE_TEST_SUITE_P(Files, RecordedBeams, testing::Values("beams", "beam_options", "group_beams"),
                         [](const auto& file) { return std::string(file.param); });

}  // namespace beams_golden_test
