// Cross-encoders against transformers (tests/tasks/scores/recipe.py); embeddings by their cosine.
#include "eigenformer/tasks/rerank.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/copy_into.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/source_folder.hpp"

namespace ef = eigenformer;

namespace {

using eigenformer_tests::error_of;
using eigenformer_tests::k_source;

const std::filesystem::path k_cross = k_source / "tests/tasks/scores/cross";

class CrossEncoder : public testing::Test {
 protected:
  const nlohmann::json golden_ = nlohmann::json::parse(std::ifstream(k_cross / "scores.json"));
  const std::string query_ = golden_.at("query");
  const std::vector<std::string> texts_ = golden_.at("texts");
  const std::vector<double> logits_ = golden_.at("logits");

  /// The folder with more keys in its config.json.
  static ef::Model with_keys(const nlohmann::json& keys) {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("eigenformer_cross_" + name);
    std::filesystem::remove_all(folder);
    eigenformer_tests::copy_into(k_cross, folder);
    nlohmann::json config = nlohmann::json::parse(std::ifstream(folder / "config.json"));
    config.update(keys);
    std::ofstream(folder / "config.json") << config;
    ef::Result<ef::Model> model = ef::try_load(folder);
    std::filesystem::remove_all(folder);
    return std::move(model).value();
  }

  void expect_logits(const std::vector<double>& found) const {
    ASSERT_EQ(found.size(), logits_.size());
    for (std::size_t text = 0; text < found.size(); ++text) EXPECT_NEAR(found[text], logits_[text], 1e-5) << text;
  }
  void expect_sigmoids(const std::vector<double>& found) const {
    ASSERT_EQ(found.size(), logits_.size());
    for (std::size_t text = 0; text < found.size(); ++text) {
      EXPECT_NEAR(found[text], 1.0 / (1.0 + std::exp(-logits_[text])), 1e-5) << text;
    }
  }
};

TEST_F(CrossEncoder, GivesTheLogitsOfTransformers) {
  const ef::Model model = ef::load(k_cross);
  expect_logits(ef::rerank(model, query_, texts_, {.score = ef::RerankScore::logit}));
  expect_sigmoids(ef::rerank(model, query_, texts_, {.score = ef::RerankScore::sigmoid}));
  expect_sigmoids(ef::rerank(model, query_, texts_));
}

TEST_F(CrossEncoder, TheConfigSaysWhatAScoreIs) {
  const char *identity = "torch.nn.modules.linear.Identity", *sigmoid = "torch.nn.modules.activation.Sigmoid";
  expect_logits(ef::rerank(with_keys({{"sbert_ce_default_activation_function", identity}}), query_, texts_));
  expect_sigmoids(ef::rerank(with_keys({{"sbert_ce_default_activation_function", sigmoid}}), query_, texts_));
  const nlohmann::json newer = {{"sentence_transformers", {{"activation_fn", identity}, {"version", "5.1.0"}}}};
  expect_logits(ef::rerank(with_keys(newer), query_, texts_));
  expect_sigmoids(ef::rerank(with_keys(newer), query_, texts_, {.score = ef::RerankScore::sigmoid}));
  const nlohmann::json other = {{"sentence_transformers", {{"activation_fn", "os.system"}}}};
  EXPECT_TRUE(error_of([&] { with_keys(other); }).starts_with("config.value: "));
}

TEST_F(CrossEncoder, CompanyChangesNoBit) {
  const ef::Model model = ef::load(k_cross);
  const auto together = ef::rerank(model, query_, texts_);
  for (std::size_t text = 0; text < texts_.size(); ++text) {
    EXPECT_EQ(ef::rerank(model, query_, std::span(texts_).subspan(text, 1))[0], together[text]);
  }
  EXPECT_TRUE(ef::rerank(model, query_, std::vector<std::string>{}).empty());
}

TEST(RerankEmbeddings, IsTheCosine) {
  const ef::Model model = ef::load(k_source / "tests/tasks/vectors/prompts");
  const std::vector<std::string> texts{"the blue door", "a red key", "who opens the door"};
  const auto scores = ef::rerank(model, "who opens the door", texts, {.text_prompt_name = "passage"});
  const std::vector<float> query = ef::embed(model, "who opens the door");  // the default prompt
  for (std::size_t text = 0; text < texts.size(); ++text) {
    const auto vector = ef::embed(model, texts[text], {.prompt_name = "passage"});
    EXPECT_NEAR(scores[text], ef::cosine_similarity(query, vector), 1e-6);
  }
  EXPECT_NEAR(ef::rerank(model, texts[2], texts)[2], 1.0, 1e-6);
}

TEST(RerankErrors, OptionsOfTheOtherKind) {
  const std::vector<std::string> texts{"x"};
  const ef::Model embeddings = ef::load(k_source / "tests/tasks/vectors/prompts"), cross = ef::load(k_cross);
  for (const ef::RerankScore score : {ef::RerankScore::sigmoid, ef::RerankScore::logit}) {
    EXPECT_EQ(error_of([&] { ef::rerank(embeddings, "x", texts, {.score = score}); }),
              "usage.rerank_option: score: expected a cross-encoder, which has logits, found a model of embeddings, "
              "whose score is a cosine; leave the option out");
  }
  EXPECT_EQ(error_of([&] { ef::rerank(cross, "x", texts, {.query_prompt_name = "query"}); }),
            "usage.rerank_option: query_prompt_name: expected a model of embeddings, whose prompts have names, found a "
            "cross-encoder; leave the option out");
  EXPECT_EQ(ef::try_rerank(cross, "x", texts, {.text_prompt_name = "passage"}).error().id, "usage.rerank_option");
}

TEST(RerankErrors, MoreLabelsAreNoScore) {
  const ef::Model model = ef::load(k_source / "tests/golden/bert/sequence_classification");
  const std::vector<std::string> texts{"x"};
  EXPECT_EQ(error_of([&] { ef::rerank(model, "x", texts); }),
            "usage.task: " + model.info().source +
                ": expected a classifier with 1 label, or a model of embeddings, for rerank, found a classifier with "
                "5 labels (bert); use a model made for this task, or classify");
  EXPECT_FALSE(ef::try_rerank(model, "x", texts).ok());
}

}  // namespace
