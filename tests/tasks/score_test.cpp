// Log-probabilities against transformers (tests/tasks/scores/recipe.py), and what is refused.
#include "eigenformer/tasks/score.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "eigenformer/forward.hpp"
#include "tests/support/default_model.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/source_folder.hpp"

namespace ef = eigenformer;

namespace {

using eigenformer_tests::error_id_of;
using eigenformer_tests::error_of;
using eigenformer_tests::k_source;

const std::filesystem::path k_scores = k_source / "tests/tasks/scores";

/// Of log-probabilities around -4.
constexpr double k_log_tolerance = 2e-5;

nlohmann::json recording(const std::string& name) {
  return nlohmann::json::parse(std::ifstream(k_scores / name / "scores.json"));
}

void expect_recorded(const ef::TextScore& found, const nlohmann::json& expected) {
  EXPECT_EQ(found.tokens, expected.at("ids").get<std::vector<ef::TokenId>>());
  const auto values = expected.at("log_probabilities").get<std::vector<double>>();
  ASSERT_EQ(found.token_log_probabilities.size(), values.size());
  for (std::size_t index = 0; index < values.size(); ++index) {
    EXPECT_NEAR(found.token_log_probabilities[index], values[index], k_log_tolerance);
  }
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  EXPECT_NEAR(found.log_probability, sum, k_log_tolerance * static_cast<double>(values.size() + 1));
  EXPECT_NEAR(found.mean(), values.empty() ? 0.0 : sum / static_cast<double>(values.size()), k_log_tolerance);
}

TEST(ScoreMasked, IsThePseudoLogLikelihoodOfTransformers) {
  const nlohmann::json golden = recording("masked");
  const ef::Model model = ef::load(k_scores / "masked");
  const auto scores = ef::score(model, golden.at("texts").get<std::vector<std::string>>());
  ASSERT_EQ(scores.size(), golden.at("scores").size());
  for (std::size_t text = 0; text < scores.size(); ++text) expect_recorded(scores[text], golden.at("scores")[text]);
}

TEST(ScorePair, IsTheTargetsProbabilityOfTransformers) {
  const nlohmann::json golden = recording("pairs");
  const ef::Model model = ef::load(k_scores / "pairs", {.cache = ef::CacheElement::f32});
  for (std::size_t pair = 0; pair < golden.at("pairs").size(); ++pair) {
    const std::string source = golden.at("pairs")[pair][0], target = golden.at("pairs")[pair][1];
    expect_recorded(ef::score(model, {.source = source, .target = target}), golden.at("scores")[pair]);
  }
}

/// log softmax of forward()'s logits, which are held against transformers elsewhere.
TEST(ScoreDecoder, IsTheSumOverTheNextTokens) {
  const ef::Model model = ef::load(k_source / "tests/golden/gguf/f32/model.gguf");
  const std::vector<std::string> texts{"hello the user", "a", "hello hello hello the world, the user"};
  const auto scores = ef::score(model, texts);
  ASSERT_EQ(scores.size(), texts.size());
  for (std::size_t text = 0; text < texts.size(); ++text) {
    const std::vector<ef::TokenId> ids = model.tokenizer().encode(texts[text]);
    const ef::Tensor logits = ef::forward(model, ids).at("logits");
    const std::size_t width = model.info().vocabulary_size;
    double sum = 0.0;
    for (std::size_t token = 1; token < ids.size(); ++token) {
      const float* row = logits.values.data() + (token - 1) * width;
      double total = 0.0;
      for (std::size_t index = 0; index < width; ++index) total += std::exp(static_cast<double>(row[index]));
      sum += row[ids[token]] - std::log(total);
    }
    EXPECT_NEAR(scores[text].log_probability, sum, 1e-7 * static_cast<double>(ids.size()));
    EXPECT_EQ(scores[text].tokens, std::vector<ef::TokenId>(ids.begin() + 1, ids.end()));
    EXPECT_EQ(scores[text].token_log_probabilities,
              ef::score(model, std::span(texts).subspan(text, 1))[0].token_log_probabilities);
  }
  EXPECT_EQ(scores[1].mean(), 0.0);  // one token: there is none to predict
}

/// A text of more rows than a step goes another way, to the same bits. The tiny models have no place for one.
TEST(ScoreDecoder, LongTextsAreScoredInPieces) {
  const ef::Model model = ef::load(eigenformer_tests::default_model());
  std::string text = "hello";
  for (int more = 0; more < 280; ++more) text += " w";
  const std::vector<ef::TokenId> ids = model.tokenizer().encode(text);
  ASSERT_GT(ids.size(), 256U);
  ASSERT_LE(ids.size(), model.info().context_length);
  const std::vector<std::string> texts{text, "a the"};
  const auto scores = ef::score(model, texts);
  EXPECT_EQ(scores[0].token_log_probabilities, ef::token_log_probabilities(model, ids));
  const std::vector<ef::TokenId> first(ids.begin(), ids.begin() + 200);  // side by side with others
  const std::vector<std::string> shorter{model.tokenizer().decode(first), "a the"};
  ASSERT_EQ(model.tokenizer().encode(shorter[0]), first);
  const auto of_shorter = ef::score(model, shorter)[0].token_log_probabilities;
  EXPECT_TRUE(std::equal(of_shorter.begin(), of_shorter.end(), scores[0].token_log_probabilities.begin()));
  EXPECT_EQ(scores[1].token_log_probabilities.size(), model.tokenizer().encode(texts[1]).size() - 1);
}

/// The sum of nothing.
TEST(Score, OfATextWithoutATokenIsNothing) {
  const std::vector<std::string> texts{"hello the user", "", "hello the user"};
  const ef::Model decoder = ef::load(k_source / "tests/golden/gguf/f32/model.gguf");
  const auto scores = ef::score(decoder, texts);
  ASSERT_EQ(scores.size(), 3U);
  EXPECT_EQ(scores[1].log_probability, 0.0);
  EXPECT_TRUE(scores[1].tokens.empty());
  EXPECT_LT(scores[0].log_probability, 0.0);
  EXPECT_EQ(scores[2].token_log_probabilities, scores[0].token_log_probabilities);
  const ef::Model masked = ef::load(k_scores / "masked"), pairs = ef::load(k_scores / "pairs");
  EXPECT_EQ(ef::score(masked, texts, {.add_special_tokens = false})[1].log_probability, 0.0);
  EXPECT_EQ(ef::score(pairs, {.source = "x", .target = ""}, {.add_special_tokens = false}).log_probability, 0.0);
}

/// It predicts tokens in any order: neither the next one alone, nor behind a mask.
TEST(ScoreErrors, XlnetHasNoScoreOfATextAndNoPerplexity) {
  const ef::Model xlnet = ef::load(k_source / "tests/golden/xlnet/hub");
  const std::vector<std::string> texts{"x"};
  const std::vector<ef::TokenId> ids{1, 2, 3};
  EXPECT_EQ(error_of([&] { ef::score(xlnet, texts); }),
            "usage.task: " + xlnet.info().source +
                ": expected a model with the head \"masked language model\" or the head \"pretraining\", for score, "
                "found one with the head \"language model\" (xlnet); use a model made for this task; eigenformer "
                "inspect shows the head of one");
  EXPECT_EQ(ef::try_perplexity(xlnet, ids, 3).error().id, "usage.not_generative");
  EXPECT_EQ(ef::try_token_log_probabilities(xlnet, ids).error().id, "usage.not_generative");
}

TEST(ScoreErrors, EachIsOneSentence) {
  const std::vector<std::string> texts{"x"};
  const ef::Model cross = ef::load(k_scores / "cross");
  EXPECT_EQ(error_id_of([&] { ef::score(cross, texts); }), "usage.task");
  const ef::Model pairs = ef::load(k_scores / "pairs");
  EXPECT_EQ(error_of([&] { ef::score(pairs, texts); }),
            "usage.task: " + pairs.info().source +
                ": expected a decoder or an encoder, for score of texts without a source, found an encoder-decoder "
                "(t5); use a model made for this task; eigenformer inspect shows the head of one");
  EXPECT_EQ(ef::try_score(cross, {.source = "x", .target = "x"}).error().id, "usage.task");
  EXPECT_EQ(ef::try_score(pairs, {.source = "", .target = ""}).ok(), true);  // both have their end token
  const ef::Model decoder = ef::load(k_source / "tests/golden/gguf/f32/model.gguf");
  EXPECT_EQ(error_of([&] { ef::score(decoder, texts, {.target_language = "fr"}); }),
            "usage.language: target_language: expected no language for a model that reads no source, found \"fr\"; "
            "leave the language out");
  EXPECT_EQ(error_of([&] { ef::score(pairs, {.source = "x", .target = "x"}, {.target_language = "fr"}); }),
            "usage.language: target_language: expected no language for a model that marks no language of a target, "
            "found \"fr\"; leave the language out");
  const std::atomic<bool> cancel = true;
  EXPECT_EQ(ef::try_score(decoder, texts, {.cancel = &cancel}).error().id, "cancelled.task");
  EXPECT_TRUE(ef::score(decoder, std::vector<std::string>{}).empty());
}

}  // namespace
