// A real file of several block formats against transformers on the same weights, dequantized
// (tests/golden/gemma3_270m/recipe.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eigenformer/chat.hpp"
#include "eigenformer/forward.hpp"
#include "eigenformer/generate.hpp"
#include "tests/support/default_model.hpp"
#include "tests/support/errors.hpp"

namespace ef = eigenformer;

namespace {

class FetchedDecoder : public testing::Test {
 protected:
  void SetUp() override {
    path_ = eigenformer_tests::fetched_model("gemma-3-270m") / "gemma-3-270m-q4_k_m.gguf";
    if (!std::filesystem::exists(path_)) {
      GTEST_SKIP() << "gemma-3-270m is not there: run models/fetch gemma-3-270m";
    }
  }
  std::filesystem::path path_;
  const nlohmann::json golden_ = nlohmann::json::parse(
      std::ifstream(std::string(EIGENFORMER_SOURCE_DIR) + "/tests/golden/gemma3_270m/golden.json"));
};

TEST_F(FetchedDecoder, GoesOnAsTransformersDoes) {
  const ef::Model model = ef::load(path_, {.compute = ef::Compute::exact});
  std::size_t longest = 0;
  for (const auto& recorded : golden_.at("continuations")) {
    const std::string prompt = recorded.at("prompt");
    const auto prompt_ids = recorded.at("prompt_ids").get<std::vector<ef::TokenId>>();
    EXPECT_EQ(model.tokenizer().encode(prompt), prompt_ids);
    const auto expected = recorded.at("ids").get<std::vector<ef::TokenId>>();
    const ef::GenerateOptions options{.max_new_tokens = expected.size(), .ignore_end_tokens = true};
    EXPECT_EQ(ef::generate(model, prompt_ids, options).at(0).ids, expected) << prompt;
    longest = std::max(longest, prompt_ids.size());
  }
  EXPECT_GT(longest, 512U) << "no prompt is longer than the window";
}

TEST_F(FetchedDecoder, FirstLogitsAreThoseOfTransformers) {
  const ef::Model model = ef::load(path_, {.compute = ef::Compute::exact});
  const auto ids = golden_.at("continuations").at(0).at("prompt_ids").get<std::vector<ef::TokenId>>();
  const auto logits = ef::forward(model, ids).at("logits").values;
  const float* last = logits.data() + logits.size() - model.info().vocabulary_size;
  const auto wanted_ids = golden_.at("first_logits").at("ids").get<std::vector<std::size_t>>();
  const auto wanted = golden_.at("first_logits").at("logits").get<std::vector<double>>();
  const double largest = *std::max_element(wanted.begin(), wanted.end());
  for (std::size_t rank = 0; rank < wanted.size(); ++rank) {
    EXPECT_NEAR(last[wanted_ids[rank]], wanted[rank], 1e-4 * largest) << "rank " << rank;
  }
}

TEST_F(FetchedDecoder, HasNoChatTemplateAndSaysWhatToDo) {
  const ef::Model model = ef::load(path_);
  const std::string error = eigenformer_tests::error_of([&] { ef::Chat chat(model); });
  EXPECT_TRUE(error.starts_with("chat.no_template: ")) << error;
  EXPECT_NE(error.find("complete text with `run` instead"), std::string::npos) << error;
}

}  // namespace
