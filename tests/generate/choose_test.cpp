#include "eigenformer/choose.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eigenformer/forward.hpp"
#include "tests/generate/generated.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/source_folder.hpp"
#include "tests/support/tiny_model.hpp"
#include "tests/support/tiny_tokenizer.hpp"

namespace choose_test {

namespace ef = eigenformer;
using eigenformer_tests::error_of;
using eigenformer_tests::k_source;
using eigenformer_tests::make_tiny_model;
using eigenformer_tests::tiny_prompt;
using eigenformer_tests::TinyModel;
using Ids = std::vector<ef::TokenId>;

const std::vector<Ids> k_choices = {{7}, {9, 11}, {9, 12}, {20, 21, 22, 23, 24, 25, 26}, {9, 11, 13}};

/// Of the last tokens, by a forward pass over all.
double log_probability_without_cache(const ef::Model& model, Ids prompt, const Ids& choice) {
  const std::size_t before = prompt.size();
  prompt.insert(prompt.end(), choice.begin(), choice.end());
  const std::vector<double> each = ef::token_log_probabilities(model, prompt);
  double sum = 0;
  for (std::size_t place = before - 1; place < each.size(); ++place) sum += each[place];
  return sum;
}

TEST(Choose, GivesTheLogProbabilitiesOfTransformers) {
  const nlohmann::json cases = nlohmann::json::parse(std::ifstream(k_source / "tests/generate/choose.json"));
  EXPECT_GE(cases.size(), 18U);
  for (const nlohmann::json& recorded : cases) {
    const ef::Model model = ef::load(k_source / "tests/golden" / recorded.at("model").get<std::string>(),
                                     {.compute = ef::Compute::exact, .threads = 2});
    const auto choices = recorded.at("choices").get<std::vector<Ids>>();
    const ef::Chosen chosen = ef::choose(model, recorded.at("prompt").get<Ids>(), choices);
    const auto expected = recorded.at("log_probabilities").get<std::vector<double>>();
    for (std::size_t index = 0; index < expected.size(); ++index) {
      EXPECT_NEAR(chosen.choices[index].log_probability, expected[index], 1e-4) << recorded.at("model");
    }
    EXPECT_EQ(chosen.best,
              static_cast<std::size_t>(std::max_element(expected.begin(), expected.end()) - expected.begin()));
  }
}

TEST(Choose, GivesWhatAForwardPassOverAllGives) {
  const TinyModel tiny = make_tiny_model();
  for (const std::size_t size : {1U, 31U, 32U, 40U}) {
    for (const std::size_t rows : {1U, 3U, 256U}) {
      const ef::Chosen chosen = ef::choose(tiny.model, tiny_prompt(size, 250), k_choices, {.rows_per_step = rows});
      double total = 0;
      for (std::size_t index = 0; index < k_choices.size(); ++index) {
        const ef::ScoredChoice& scored = chosen.choices[index];
        EXPECT_EQ(scored.ids, k_choices[index]);
        EXPECT_NEAR(scored.log_probability,
                    log_probability_without_cache(tiny.model, tiny_prompt(size, 250), k_choices[index]), 1e-12);
        EXPECT_EQ(scored.log_probability,
                  ef::choose(tiny.model, tiny_prompt(size, 250), k_choices).choices[index].log_probability);
        total += scored.probability;
      }
      EXPECT_NEAR(total, 1, 1e-12);
    }
  }
}

TEST(Choose, ComputesThePromptOnce) {
  const TinyModel tiny = make_tiny_model();
  ef::choose(tiny.model, tiny_prompt(45, 250), k_choices);
  EXPECT_EQ(tiny.control->rows, 45U + 1U + 1U + 6U + 2U);  // of each choice all tokens but the last
}

TEST(Choose, ComparesByTokenWhereThatIsAsked) {
  const TinyModel tiny = make_tiny_model();
  const ef::Chosen total = ef::choose(tiny.model, tiny_prompt(20, 250), k_choices);
  const ef::Chosen per_token =
      ef::choose(tiny.model, tiny_prompt(20, 250), k_choices, {.score = ef::ChoiceScore::per_token});
  std::size_t best = 0;
  std::vector<double> means;
  double sum = 0;
  for (std::size_t index = 0; index < k_choices.size(); ++index) {
    EXPECT_EQ(per_token.choices[index].log_probability, total.choices[index].log_probability);
    means.push_back(total.choices[index].log_probability / static_cast<double>(k_choices[index].size()));
    sum += std::exp(means.back());
    if (means[index] > means[best]) best = index;
  }
  EXPECT_EQ(per_token.best, best);
  for (std::size_t index = 0; index < k_choices.size(); ++index) {
    EXPECT_NEAR(per_token.choices[index].probability, std::exp(means[index]) / sum, 1e-12);
    EXPECT_NE(per_token.choices[index].probability, total.choices[index].probability);
  }
}

TEST(Choose, OfEqualChoicesTheFirst) {
  const TinyModel tiny = make_tiny_model();
  const ef::Chosen chosen = ef::choose(tiny.model, tiny_prompt(20, 250), std::vector<Ids>{{5, 6}, {5, 6}});
  EXPECT_EQ(chosen.best, 0U);
  EXPECT_EQ(chosen.choices[0].probability, 0.5);
}

TEST(Choose, TakesNewFrequenciesWhereTheyChange) {
  const TinyModel tiny = make_tiny_model({.frequency_border = 23});
  const ef::Chosen chosen = ef::choose(tiny.model, tiny_prompt(20, 250), k_choices);
  for (std::size_t index = 0; index < k_choices.size(); ++index) {
    double expected = 0;  // token by token, each from a prompt that has all before it
    Ids said = tiny_prompt(20, 250);
    for (const ef::TokenId token : k_choices[index]) {
      expected += ef::choose(tiny.model, said, std::vector<Ids>{{token}}).choices[0].log_probability;
      said.push_back(token);
    }
    EXPECT_NEAR(chosen.choices[index].log_probability, expected, 1e-12);
  }
}

TEST(Choose, ReadsTextAcrossTheBorderOfTokens) {
  const ef::Tokenizer tokenizer = eigenformer_tests::make_tiny_tokenizer();
  const TinyModel tiny = make_tiny_model({.vocabulary_size = tokenizer.vocabulary_size(), .tokenizer = tokenizer});
  const std::vector<std::string> apart = {"user", "an"};
  const ef::Chosen chosen = ef::choose(tiny.model, "hello ", apart);
  EXPECT_EQ(chosen.choices[0].ids, tokenizer.encode("user"));
  EXPECT_EQ(chosen.choices[1].ids, tokenizer.encode("an"));
  const std::vector<std::string> joined = {"o", "p"};  // "hell" and "o" are one token
  const ef::Chosen crossing = ef::choose(tiny.model, "the hell", joined);
  const Ids whole = tokenizer.encode("the hello");
  EXPECT_EQ(crossing.choices[0].ids, (Ids{whole.back()}));
  EXPECT_EQ(crossing.choices[1].ids.size(), 2U);  // "hell", "p"
  const Ids before(whole.begin(), whole.end() - 1);
  EXPECT_NEAR(crossing.choices[0].log_probability, log_probability_without_cache(tiny.model, before, {whole.back()}),
              1e-12);
}

/// Of what is likeliest all along: the sum that generate() gives it.
TEST(Choose, GivesTheScoreOfWhatIsGenerated) {
  for (const char* name : {"llama/default", "gpt2/hub", "xlnet/hub", "bart/hub"}) {
    const ef::Model model = ef::load(k_source / "tests/golden" / name, {.threads = 2});
    const Ids prompt = {5, 9, 30, 7};
    const auto generated = ef::generate(model, prompt, {.max_new_tokens = 7, .ignore_end_tokens = true}).at(0);
    const std::vector<ef::TokenId>& forced = model.state().generation_defaults.forced_first_tokens;
    if (std::find(forced.begin(), forced.end(), generated.ids[0]) != forced.end()) continue;
    const ef::Chosen chosen = ef::choose(model, prompt, std::vector<Ids>{generated.ids, {40, 41}});
    EXPECT_NEAR(chosen.choices[0].log_probability, generated.score, 1e-9) << name;
    EXPECT_EQ(chosen.choices[0].ids, generated.ids);
  }
}

TEST(Choose, SaysWhatIsWrong) {
  const TinyModel tiny = make_tiny_model({.context_length = 50});
  const auto refusal = [&](const Ids& prompt, const std::vector<Ids>& choices) {
    return error_of([&] { ef::choose(tiny.model, prompt, choices); });
  };
  EXPECT_EQ(refusal({1}, {}), "usage.no_choices: choices: expected one choice or more, found none; pass others");
  EXPECT_EQ(refusal({1}, {{2}, {}}),
            "usage.choice_empty: choices: expected choices of at least one token, found one of none; pass others");
  EXPECT_EQ(refusal({1}, {{300}}),
            "usage.option_range: choices: expected token ids from 0 to 299, found 300; pass a value in that range");
  EXPECT_EQ(refusal({}, {{3}}).substr(0, 18), "usage.prompt_empty");
  EXPECT_EQ(refusal(tiny_prompt(48, 250), {{1}, {1, 2, 3}}),
            "usage.prompt_too_long: prompt: expected a prompt and a choice that fit the context of 50 tokens, found 51 "
            "tokens; shorten it");
  EXPECT_EQ(ef::choose(tiny.model, tiny_prompt(48, 250), std::vector<Ids>{{1, 2}}).best, 0U);
  EXPECT_EQ(ef::try_choose(tiny.model, tiny_prompt(3, 250), std::vector<Ids>{{1}}, {.rows_per_step = 0}).error().where,
            "rows_per_step");
  EXPECT_EQ(ef::try_choose(tiny.model, "a", std::vector<std::string>{"b"}).error().id, "tokenizer.missing");
}

TEST(Choose, CanBeCancelled) {
  const TinyModel tiny = make_tiny_model({.threads = 1});
  const ef::CancelToken cancel;
  for (const std::uint32_t slot : {20U, 42U}) {  // in the prompt, in a choice
    tiny.control->on_row = [&](const ef::nn::Row& row) {
      if (row.slot == slot) cancel.cancel();
    };
    EXPECT_EQ(error_of([&] { ef::choose(tiny.model, tiny_prompt(40, 250), k_choices, {.cancel = cancel}); }),
              "cancelled.choose: expected to score all choices, found that it was cancelled; call it again if that was "
              "a mistake");
    cancel.reset();
  }
}

TEST(Choose, StopsWhereALogitIsNotANumber) {
  const TinyModel tiny = make_tiny_model();
  tiny.control->token_of_nan = 9;
  EXPECT_EQ(ef::try_choose(tiny.model, tiny_prompt(5, 250), k_choices).error().id, "numeric.logits_not_finite");
}

}  // namespace choose_test
