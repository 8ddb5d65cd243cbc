// Sampling and beam sampling: each text as often as its probability says (distributions.json, for which
// distributions_recipe.py enumerates all draws and finds that transformers draws so).
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eigenformer/generate.hpp"
#include "tests/generate/recorded.hpp"

namespace distributions_test {

namespace ef = eigenformer;
using nlohmann::json;
using Ids = std::vector<ef::TokenId>;

constexpr std::size_t k_draws = 6000;

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

/// Chi-squared, four deviations above its degrees of freedom; outcomes that are expected less than ten times are one.
void expect_distribution(const json& record) {
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

// All in one test: each test is a process of its own, which would read the file again.
TEST(Distributions, AreThoseOfTransformers) {
  const json recorded = eigenformer_tests::recorded("distributions.json");
  ASSERT_GE(recorded.at("cases").size(), 5U);
  for (const json& record : recorded["cases"]) {
    SCOPED_TRACE(record.at("name").get<std::string>() + ", " + record.at("model").get<std::string>());
    expect_distribution(record);
  }
}

}  // namespace distributions_test
