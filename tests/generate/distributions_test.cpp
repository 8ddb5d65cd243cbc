// Sampling and beam sampling: each text as often as its probability says (distributions.json, for which
// distributions_recipe.py enumerates all draws and finds that transformers draws so).
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "eigenformer/generate.hpp"
#include "tests/generate/recorded.hpp"

namespace distributions_test {

namespace ef = eigenformer;
using nlohmann::json;
using Ids = std::vector<ef::TokenId>;

constexpr std::size_t k_draws = 6000;

struct DistributionCase {
  std::string name;  ///< "beam_sampling_llama_default"
  json record;
};

void PrintTo(const DistributionCase& distribution, std::ostream* out) { *out << distribution.name; }

std::vector<DistributionCase> all_cases() {
  std::vector<DistributionCase> cases;
  const json all = eigenformer_tests::recorded("distributions.json");
  for (const json& each : all.at("cases")) {
    const std::string name = each.at("name").get<std::string>() + "_" + each.at("model").get<std::string>();
    cases.push_back({eigenformer_tests::test_name(name), each});
  }
  return cases;
}

/// How often each text comes. Of several beams the best one counts.
std::map<Ids, double> counted_texts(const json& record) {
  const ef::Model model = eigenformer_tests::load_golden(record.at("model"));
  const Ids prompt = record.at("prompt").get<Ids>();
  ef::GenerateOptions options = ef::generation_options(model, {record.at("options").dump()});
  std::map<Ids, double> counted;
  for (std::size_t draws = 0; draws < k_draws; draws += options.num_return_sequences, ++options.seed) {
    const auto sequences = ef::generate(model, prompt, options);
    EXPECT_EQ(sequences.size(), options.num_return_sequences);
    for (const ef::GeneratedSequence& sequence : sequences) ++counted[sequence.ids];
  }
  return counted;
}

class Distributions : public testing::TestWithParam<DistributionCase> {};

/// Chi-squared, four deviations above its degrees of freedom; outcomes that are expected less than ten times are one.
TEST_P(Distributions, AreThoseOfTransformers) {
  const json& record = GetParam().record;
  std::map<Ids, double> counted = counted_texts(record);
  double chi_squared = 0, rare_expected = 0, rare_counted = 0, groups = 0;
  const auto add_group = [&](double expected, double count) {
    if (expected == 0) return;
    chi_squared += std::pow(count - expected, 2) / expected;
    ++groups;
  };
  for (const json& outcome : record.at("outcomes")) {
    const double expected = k_draws * outcome.at("probability").get<double>();
    const double count = counted[outcome.at("ids").get<Ids>()];
    if (expected >= 10) {
      add_group(expected, count);
    } else {
      rare_expected += expected;
      rare_counted += count;
    }
  }
  add_group(rare_expected, rare_counted);
  EXPECT_EQ(counted.size(), record.at("outcomes").size());  // nothing else was drawn
  const double freedom = groups - 1;
  EXPECT_GE(freedom, 10);
  EXPECT_LT(chi_squared, freedom + 4 * std::sqrt(2 * freedom));
}

INSTANTIATE_TEST_SUITE_P(Recorded, Distributions, testing::ValuesIn(all_cases()),
                         [](const auto& distribution) { return distribution.param.name; });

}  // namespace distributions_test
