// The default model against transformers on the same weights, dequantized (tests/golden/smollm2/recipe.py).
#include "tests/support/default_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "eigenformer/forward.hpp"
#include "eigenformer/generate.hpp"

namespace ef = eigenformer;

namespace {

const std::string k_folder = std::string(EIGENFORMER_SOURCE_DIR) + "/tests/golden/smollm2/";

class DefaultModel : public testing::Test {
 protected:
  static ef::Model load(ef::Compute compute) {
    return ef::load(eigenformer_tests::default_model(), {.compute = compute});
  }
  const nlohmann::json golden_ = nlohmann::json::parse(std::ifstream(k_folder + "golden.json"));
};

TEST_F(DefaultModel, AnswersFivePromptsAsTransformersDoes) {
  const ef::Model model = load(ef::Compute::exact);
  std::size_t compared = 0;
  for (const auto& conversation : golden_.at("conversations")) {
    const std::string prompt = conversation.at("prompt");
    const auto prompt_ids = conversation.at("prompt_ids").get<std::vector<ef::TokenId>>();
    EXPECT_EQ(model.tokenizer().encode(prompt), prompt_ids);
    const auto expected = conversation.at("ids").get<std::vector<ef::TokenId>>();
    const auto sequences = ef::generate(model, prompt_ids, {.max_new_tokens = expected.size()});
    EXPECT_EQ(sequences.at(0).ids, expected) << prompt;
    EXPECT_EQ(sequences.at(0).text, conversation.at("text").get<std::string>());
    ++compared;
  }
  EXPECT_EQ(compared, 5U);
}

TEST_F(DefaultModel, FirstLogitsAreThoseOfTransformers) {
  const ef::Model model = load(ef::Compute::exact);
  const auto& first = golden_.at("first_logits");
  const auto ids = golden_.at("conversations").at(first.at("conversation").get<std::size_t>()).at("prompt_ids");
  const auto logits = ef::forward(model, ids.get<std::vector<ef::TokenId>>()).at("logits").values;
  const float* last = logits.data() + logits.size() - model.info().vocabulary_size;
  const auto wanted_ids = first.at("ids").get<std::vector<std::size_t>>();
  const auto wanted = first.at("logits").get<std::vector<double>>();
  const double largest = *std::max_element(wanted.begin(), wanted.end());
  for (std::size_t rank = 0; rank < wanted.size(); ++rank) {
    EXPECT_NEAR(last[wanted_ids[rank]], wanted[rank], 1e-4 * largest) << "rank " << rank;
  }
}

TEST_F(DefaultModel, PerplexityIsThatOfTransformersAndAutomaticComputeKeepsIt) {
  std::stringstream text;
  text << std::ifstream(k_folder + "text.txt").rdbuf();
  const auto& recorded = golden_.at("perplexity");
  const auto window = recorded.at("window").get<std::size_t>();
  const auto measure = [&](ef::Compute compute) {
    const ef::Model model = load(compute);
    const auto ids = model.tokenizer().encode(text.str(), {.add_special_tokens = false});
    EXPECT_EQ(ids.size(), recorded.at("tokens").get<std::size_t>());
    return ef::perplexity(model, ids, window);
  };
  const double exact = measure(ef::Compute::exact);
  const double automatic = measure(ef::Compute::automatic);
  std::printf("perplexity: transformers %.5f, exact %.5f, automatic %.5f (%+.3f %%)\n",
              recorded.at("value").get<double>(), exact, automatic, 100.0 * (automatic / exact - 1.0));
  EXPECT_NEAR(exact, recorded.at("value").get<double>(), 1e-3 * exact);
  EXPECT_NEAR(automatic, exact, 0.005 * exact);
}

}  // namespace
