// Searches with beams on the golden models: sequences and scores of transformers (beams_recipe.py and
// group_beams_recipe.py).
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "eigenformer/generate.hpp"
#include "tests/support/source_folder.hpp"

namespace beams_golden_test {

namespace ef = eigenformer;
using eigenformer_tests::k_source;
using nlohmann::json;
using Ids = std::vector<ef::TokenId>;

constexpr double k_score_tolerance = 1e-4;

json recorded(const char* file) { return json::parse(std::ifstream(k_source / "tests" / "generate" / file)); }

ef::EarlyStopping early_stopping(const json& value) {
  if (value == "never") return ef::EarlyStopping::never;
  return value.get<bool>() ? ef::EarlyStopping::yes : ef::EarlyStopping::no;
}

/// The recipe's options, which are keys of generation_config.json.
ef::GenerateOptions options_of(const json& keys) {
  ef::GenerateOptions options{.ignore_end_tokens = true};
  options.max_new_tokens = keys.at("max_new_tokens").get<std::size_t>();
  options.num_beams = keys.at("num_beams").get<std::size_t>();
  options.num_return_sequences = keys.value("num_return_sequences", std::size_t{1});
  options.length_penalty = keys.value("length_penalty", 1.0);
  options.early_stopping = early_stopping(keys.value("early_stopping", json(false)));
  options.num_beam_groups = keys.value("num_beam_groups", std::size_t{1});
  options.diversity_penalty = keys.value("diversity_penalty", 0.0);
  options.repetition_penalty = keys.value("repetition_penalty", 1.0);
  options.no_repeat_ngram_size = keys.value("no_repeat_ngram_size", std::size_t{0});
  options.min_new_tokens = keys.value("min_new_tokens", std::size_t{0});
  if (keys.contains("eos_token_id") && !keys.at("eos_token_id").is_null()) {
    options.stop_tokens = keys.at("eos_token_id").get<Ids>();
  }
  if (keys.value("do_sample", false)) options.temperature = keys.value("temperature", 1.0);
  options.top_k = keys.value("top_k", std::size_t{0});
  return options;
}

ef::Model load(const std::string& name) {
  const std::filesystem::path folder = k_source / "tests" / "golden" / name;
  const std::filesystem::path file = folder / "model.gguf";
  return ef::load(std::filesystem::exists(file) ? file : folder, {.compute = ef::Compute::exact, .threads = 2});
}

struct RecordedCase {
  std::string name;  ///< "llama_default_early_stopping_True"
  json record;
};

void PrintTo(const RecordedCase& recorded, std::ostream* out) { *out << recorded.name; }

std::vector<RecordedCase> cases_of(const char* file) {
  std::vector<RecordedCase> cases;
  const json all = recorded(file);
  for (const json& each : all.at("cases")) {
    std::string name = each.at("model").get<std::string>() + "_" + each.at("name").get<std::string>();
    for (char& character : name) {
      if (std::isalnum(static_cast<unsigned char>(character)) == 0) character = '_';
    }
    cases.push_back({std::move(name), each});
  }
  return cases;
}

class RecordedBeams : public testing::TestWithParam<RecordedCase> {};

TEST_P(RecordedBeams, SayWhatTransformersSays) {
  const json& record = GetParam().record;
  const ef::Model model = load(record.at("model"));
  const auto found = ef::generate(model, record.at("prompt").get<Ids>(), options_of(record.at("options")));
  ASSERT_EQ(found.size(), record.at("sequences").size());
  for (std::size_t rank = 0; rank < found.size(); ++rank) {
    EXPECT_EQ(found[rank].ids, record.at("sequences")[rank].get<Ids>()) << rank;
    const double expected = record.at("scores")[rank];
    EXPECT_NEAR(found[rank].score, expected, k_score_tolerance * std::max(1.0, std::abs(expected))) << rank;
    RecordProperty("score_difference_" + std::to_string(rank), std::to_string(found[rank].score - expected));
  }
}

std::string name_of(const testing::TestParamInfo<RecordedCase>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Plain, RecordedBeams, testing::ValuesIn(cases_of("beams.json")), name_of);
INSTANTIATE_TEST_SUITE_P(Grouped, RecordedBeams, testing::ValuesIn(cases_of("group_beams.json")), name_of);

/// The recipe enumerates what may be drawn, and finds that transformers draws so.
TEST(BeamSampling, HasTheDistributionOfTransformers) {
  const json record = recorded("beams.json").at("distribution");
  const ef::Model model = load(record.at("model"));
  const Ids prompt = record.at("prompt").get<Ids>();
  ef::GenerateOptions options = options_of(record.at("options"));
  constexpr std::size_t k_draws = 6000;
  std::map<Ids, double> counted;
  for (options.seed = 0; options.seed < k_draws; ++options.seed) ++counted[ef::generate(model, prompt, options)[0].ids];
  double chi_squared = 0, rare_expected = 0, rare_counted = 0, freedom = 0;
  std::size_t outcomes = 0;
  for (const json& outcome : record.at("outcomes")) {
    const double expected = k_draws * outcome.at("probability").get<double>();
    const double count = counted[outcome.at("ids").get<Ids>()];
    ++outcomes;
    if (expected < 10) {
      rare_expected += expected;
      rare_counted += count;
      continue;
    }
    chi_squared += std::pow(count - expected, 2) / expected;
    ++freedom;
  }
  EXPECT_EQ(counted.size(), outcomes);  // nothing else was drawn
  chi_squared += std::pow(rare_counted - rare_expected, 2) / rare_expected;
  EXPECT_GT(freedom, 10);
  EXPECT_LT(chi_squared, freedom + 4 * std::sqrt(2 * freedom));
}

}  // namespace beams_golden_test
