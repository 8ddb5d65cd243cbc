// Searches with beams on the golden models: sequences and scores of transformers (beams_recipe.py,
// beam_options_recipe.py and group_beams_recipe.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "eigenformer/generate.hpp"
#include "tests/generate/recorded.hpp"

namespace beams_golden_test {

namespace ef = eigenformer;
using nlohmann::json;
using Ids = std::vector<ef::TokenId>;

constexpr double k_score_tolerance = 1e-4;

struct RecordedCase {
  std::string name;  ///< "llama_default_early_stopping_True"
  json record;
};

void PrintTo(const RecordedCase& recorded, std::ostream* out) { *out << recorded.name; }

std::vector<RecordedCase> cases_of(const char* file) {
  std::vector<RecordedCase> cases;
  const json all = eigenformer_tests::recorded(file);
  for (const json& each : all.at("cases")) {
    const std::string name = each.at("model").get<std::string>() + "_" + each.at("name").get<std::string>();
    cases.push_back({eigenformer_tests::test_name(name), each});
  }
  return cases;
}

class RecordedBeams : public testing::TestWithParam<RecordedCase> {};

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

TEST_P(RecordedBeams, SayWhatTransformersSays) {
  const json& record = GetParam().record;
  const ef::Model model = eigenformer_tests::load_golden(record.at("model"));
  expect_recorded(generated(model, record.at("prompt"), record.at("options")), record);
  if (!record.contains("without")) return;
  const json& without = record.at("without");
  expect_recorded(generated(model, record.at("prompt"), without.at("options")), without);
  EXPECT_NE(record.at("sequences"), without.at("sequences")) << "the option does nothing";
}

std::string name_of(const testing::TestParamInfo<RecordedCase>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Plain, RecordedBeams, testing::ValuesIn(cases_of("beams.json")), name_of);
INSTANTIATE_TEST_SUITE_P(Options, RecordedBeams, testing::ValuesIn(cases_of("beam_options.json")), name_of);
INSTANTIATE_TEST_SUITE_P(Grouped, RecordedBeams, testing::ValuesIn(cases_of("group_beams.json")), name_of);

}  // namespace beams_golden_test
