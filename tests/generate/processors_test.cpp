// What processors do that transformers has no word for, and what all of them do at the borders of their ranges.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>
#include <vector>

#include "eigenformer/generate.hpp"
#include "eigenformer/generate/processors/biases.hpp"
#include "eigenformer/generate/processors/dry.hpp"
#include "eigenformer/generate/processors/entropy_filters.hpp"
#include "eigenformer/generate/processors/filters.hpp"
#include "eigenformer/generate/processors/lengths.hpp"
#include "eigenformer/generate/processors/penalties.hpp"
#include "eigenformer/generate/processors/repeated_ngrams.hpp"
#include "eigenformer/generate/processors/score_filters.hpp"
#include "tests/support/tiny_model.hpp"

namespace {

namespace ef = eigenformer;
using namespace ef::generation;  // processors by their names
using eigenformer_tests::make_tiny_model;
using Ids = std::vector<ef::TokenId>;
using Scores = std::vector<float>;
using testing::ElementsAre;

constexpr float k_never = -std::numeric_limits<float>::infinity();

Scores after(const ef::LogitsProcessor& processor, const ef::ProcessedText& text, Scores scores) {
  processor.process(text, scores);
  return scores;
}

Ids kept_by(const ef::LogitsProcessor& processor, const Scores& scores, const ef::ProcessedText& text = {}) {
  const Scores filtered = after(processor, text, scores);
  Ids ids;
  for (std::size_t id = 0; id < filtered.size(); ++id) {
    if (filtered[id] > k_never) ids.push_back(static_cast<ef::TokenId>(id));
  }
  return ids;
}

TEST(Processors, LeaveScoresAloneOfWhichNoneIsLeft) {
  const Scores never(5, k_never);
  const Ids text{1, 1};
  const ef::ProcessedText seen{.ids = text, .prompt_tokens = 1};
  const ef::LogitsProcessors all{std::make_shared<TopK>(2),
                                 std::make_shared<TopP>(FilterOptions{.threshold = 0.5}),
                                 std::make_shared<MinP>(FilterOptions{.threshold = 0.5}),
                                 std::make_shared<TopH>(0.5),
                                 std::make_shared<TypicalP>(FilterOptions{.threshold = 0.5}),
                                 std::make_shared<EpsilonCutoff>(FilterOptions{.threshold = 0.5}),
                                 std::make_shared<EtaCutoff>(FilterOptions{.threshold = 0.5}),
                                 std::make_shared<TopNSigma>(1),
                                 std::make_shared<ExcludeTopChoices>(ef::XtcOptions{.probability = 1}, 0),
                                 std::make_shared<Temperature>(2.0F),
                                 std::make_shared<RepetitionPenalty>(2.0F),
                                 std::make_shared<SourceRepetitionPenalty>(2.0),
                                 std::make_shared<CountPenalty>(CountPenalty::Options{1, 1}),
                                 std::make_shared<SequenceBias>(std::vector<ef::TokenBias>{{{1}, 5}}),
                                 std::make_shared<ExponentialDecay>(ef::DecayingLength{0, 2}, Ids{1}),
                                 std::make_shared<DontRepeatYourself>(ef::DryOptions{.multiplier = 1})};
  for (std::size_t index = 0; index < all.size(); ++index) {
    EXPECT_EQ(after(*all[index], seen, never), never) << "processor " << index;
  }
}

TEST(Filters, KeepAtLeastAsManyAsAskedFor) {
  const Scores sure{0, 9, 1, 3, 2};
  const FilterOptions two_of_half{.threshold = 0.5, .least = 2};
  EXPECT_THAT(kept_by(TopP(two_of_half), sure), ElementsAre(1, 3));
  EXPECT_THAT(kept_by(MinP(two_of_half), sure), ElementsAre(1, 3));
  EXPECT_THAT(kept_by(EpsilonCutoff(two_of_half), sure), ElementsAre(1, 3));
  EXPECT_THAT(kept_by(EtaCutoff({.threshold = 0.9, .least = 2}), sure), ElementsAre(1, 3));
  EXPECT_EQ(kept_by(TypicalP({.threshold = 0.01, .least = 2}), sure).size(), 2U);
  EXPECT_EQ(kept_by(TopP({.threshold = 0, .least = 100}), sure).size(), 5U);
  EXPECT_EQ(kept_by(MinP({.threshold = 1, .least = 100}), sure).size(), 5U);
  EXPECT_EQ(kept_by(EpsilonCutoff({.threshold = 0.9, .least = 100}), sure).size(), 5U);
  EXPECT_EQ(kept_by(TypicalP({.threshold = 0.01, .least = 100}), sure).size(), 5U);
}

TEST(EpsilonCutoff, KeepsTheLikeliestWhereAllAreUnlikely) {
  EXPECT_THAT(kept_by(EpsilonCutoff({.threshold = 0.9}), {1, 3, 3, 2}), ElementsAre(1, 2));  // both are as likely
}

TEST(TypicalP, MayDropTheLikeliest) {
  Scores scores(40, 0);
  scores[7] = 2;
  const Ids kept = kept_by(TypicalP({.threshold = 0.2}), scores);
  EXPECT_EQ(kept.size(), 39U);  // as usual as each other: all stay
  EXPECT_EQ(std::ranges::count(kept, 7), 0);
}

TEST(TopH, LooksAtTheHundredLikeliest) {
  Scores scores(200, 0);
  EXPECT_EQ(kept_by(TopH(1), scores).size(), 100U);
  EXPECT_EQ(kept_by(TopH(1), scores).back(), 99);  // of equal ones the lowest ids
  EXPECT_THAT(kept_by(TopH(0.001), scores), ElementsAre(0));
}

TEST(TopNSigma, DoesNotDependOnTheTemperature) {
  const Scores scores{0.25F, 4, 3.5F, -1, 2.75F, 0};
  const Ids kept = kept_by(TopNSigma(0.8), scores);
  EXPECT_THAT(kept, ElementsAre(1, 2, 4));
  for (const float temperature : {0.25F, 4.0F}) {
    EXPECT_EQ(kept_by(TopNSigma(0.8), after(Temperature(temperature), {}, scores)), kept);
  }
  EXPECT_EQ(kept_by(TopNSigma(1), Scores(4, 3)).size(), 4U);
}

TEST(ExcludeTopChoices, KeepsTheLeastLikelyOfTheLikelyAndAllBelow) {
  const Scores scores{std::log(0.4F), std::log(0.3F), std::log(0.2F), std::log(0.06F), std::log(0.04F)};
  const auto kept = [&](double threshold, double probability) {
    return kept_by(ExcludeTopChoices({.probability = probability, .threshold = threshold}, 1), scores);
  };
  EXPECT_THAT(kept(0.1, 1), ElementsAre(2, 3, 4));
  EXPECT_THAT(kept(0.35, 1), ElementsAre(0, 1, 2, 3, 4));  // one alone is no choice
  EXPECT_THAT(kept(0.9, 1), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(kept(0, 1), ElementsAre(4));
  EXPECT_THAT(kept(0.1, 0), ElementsAre(0, 1, 2, 3, 4));
}

TEST(ExcludeTopChoices, HappensAsOftenAsAskedForAndApartForEachSequence) {
  const ExcludeTopChoices filter({.probability = 0.3, .threshold = 0.1}, 4);
  const Ids text(10000, 0);
  std::vector<std::vector<bool>> happened(2);
  for (std::uint32_t sequence = 0; sequence < 2; ++sequence) {
    for (std::size_t place = 0; place < text.size(); ++place) {
      const ef::ProcessedText seen{.ids = std::span(text).first(place), .sequence = sequence};
      happened[sequence].push_back(kept_by(filter, {1, 1}, seen).size() == 1);
    }
    EXPECT_NEAR(std::ranges::count(happened[sequence], true), 3000, 150);  // 3.3 deviations
  }
  EXPECT_NE(happened[0], happened[1]);
}

TEST(DontRepeatYourself, StaysQuickAndFiniteOnATextOfOneToken) {
  const Ids text(200000, 1);
  const Scores scores =
      after(DontRepeatYourself({.multiplier = 1, .base = 2}), {.ids = text}, Scores{1, 1, 1});  // seconds by the source
  EXPECT_EQ(scores[0], 1);
  EXPECT_EQ(scores[1], -1e30F);
}

TEST(DontRepeatYourself, GoesNoFurtherThanABreaker) {
  const Ids text{5, 1, 2, 3, 5, 1, 2};  // what followed "5 1 2" was 3
  EXPECT_EQ(after(DontRepeatYourself({.multiplier = 1, .base = 2}), {.ids = text}, Scores(6, 0))[3], -2);
  EXPECT_EQ(after(DontRepeatYourself({.multiplier = 1, .base = 2, .breakers = {5}}), {.ids = text}, Scores(6, 0))[3],
            -1);
  EXPECT_EQ(after(DontRepeatYourself({.multiplier = 1, .breakers = {3}}), {.ids = text}, Scores(6, 0)), Scores(6, 0));
  EXPECT_EQ(after(DontRepeatYourself({.multiplier = 1, .breakers = {2}}), {.ids = text}, Scores(6, 0)), Scores(6, 0));
  EXPECT_EQ(after(DontRepeatYourself({.multiplier = 1, .range = 5}), {.ids = text}, Scores(6, 0)), Scores(6, 0));
  EXPECT_EQ(after(DontRepeatYourself({.multiplier = 1}), {}, Scores(6, 0)), Scores(6, 0));
}

TEST(CountPenalty, CountsWhatWasChosenAlone) {
  const Ids text{0, 0, 1, 2, 2, 2};
  const CountPenalty penalty({.presence = 1, .frequency = 0.5});
  EXPECT_THAT(after(penalty, {.ids = text, .prompt_tokens = 2}, Scores(4, 0)), ElementsAre(0, -1.5F, -2.5F, 0));
}

TEST(SourceProcessors, TakeTheSourceOfAnEncoderEvenWithIdsOfAnotherVocabulary) {
  const Ids text{0, 1};
  const Ids source{2, 1, 3, 900};
  const ef::ProcessedText seen{.ids = text, .prompt_tokens = 1, .source_ids = source};
  EXPECT_THAT(after(SourceRepetitionPenalty(2), seen, {4, 4, -4, 4, 4}), ElementsAre(4, 8, -2, 8, 4));
  EXPECT_THAT(kept_by(NoNgramOfSource(2), Scores(5, 0), seen), ElementsAre(0, 1, 2, 4));
  EXPECT_THAT(kept_by(NoNgramOfSource(1), Scores(5, 0), seen), ElementsAre(0, 4));
}

TEST(LogitBias, IsASequenceBiasOfItsOwn) {
  const auto tiny = make_tiny_model();
  const Ids prompt{9, 17};
  const auto ids_by = [&](ef::GenerateOptions options) {
    options.max_new_tokens = 8;
    return ef::generate(tiny.model, prompt, options).at(0).ids;
  };
  const Ids plain = ids_by({});
  const std::vector<ef::TokenBias> against{{{plain[0]}, -50}, {{plain[1], plain[2]}, -50}};
  const Ids biased = ids_by({.logit_bias = against});
  EXPECT_EQ(biased, ids_by({.sequence_bias = against}));
  EXPECT_NE(biased, plain);
  std::vector<ef::TokenBias> in_favour = against;
  for (ef::TokenBias& bias : in_favour) bias.bias = 50;
  EXPECT_EQ(ids_by({.sequence_bias = in_favour, .logit_bias = against}), plain);  // both count
}

TEST(ForcedTokens, AreEquallyLikely) {
  const Ids text{0};
  EXPECT_THAT(after(ForcedTokens(1, {2, 0}), {.ids = text}, {5, 6, 7}), ElementsAre(0, k_never, 0));
  EXPECT_THAT(after(ForcedTokens(2, {2, 0}), {.ids = text}, {5, 6, 7}), ElementsAre(5, 6, 7));
}

/// A host's own rule: after each token the one with the next higher id alone.
class CountUp : public ef::LogitsProcessor {
 public:
  void process(const ef::ProcessedText& text, std::span<float> scores) const override {
    std::ranges::fill(scores, k_never);
    scores[static_cast<std::size_t>(text.ids.back() + 1)] = 1;
  }
};

/// Another one, made of a function.
class OfFunction : public ef::LogitsProcessor {
 public:
  explicit OfFunction(std::function<void(std::span<float>)> function) : function_(std::move(function)) {}
  void process(const ef::ProcessedText& /*text*/, std::span<float> scores) const override { function_(scores); }

 private:
  std::function<void(std::span<float>)> function_;
};

TEST(HostsProcessor, DecidesTheText) {
  const auto tiny = make_tiny_model();
  for (const double temperature : {0.0, 1.0}) {
    const ef::GenerateOptions options{
        .max_new_tokens = 4, .temperature = temperature, .processors = {std::make_shared<CountUp>()}};
    const auto sequence = ef::generate(tiny.model, Ids{9, 17}, options).at(0);
    EXPECT_THAT(sequence.ids, ElementsAre(18, 19, 20, 21));
    EXPECT_EQ(sequence.score, 0);  // each was certain
  }
}

std::string refusal(const std::function<void(std::span<float>)>& function, double temperature) {
  const auto tiny = make_tiny_model();
  const ef::GenerateOptions options{
      .max_new_tokens = 4, .temperature = temperature, .processors = {std::make_shared<OfFunction>(function)}};
  const auto result = ef::try_generate(tiny.model, Ids{9, 17}, options);
  return result.ok() ? "no error" : result.error().line();
}

TEST(HostsProcessor, MayForbidTokensButNotAll) {
  for (const double temperature : {0.0, 1.0}) {
    EXPECT_EQ(refusal([](auto scores) { scores[3] = k_never; }, temperature), "no error");
    EXPECT_EQ(refusal([](auto scores) { std::ranges::fill(scores, k_never); }, temperature),
              "error[usage.no_token_left]: processors: expected options that leave at least one token, found some that "
              "forbid every token of the vocabulary; forbid fewer: bad words, suppressed tokens, least lengths and a "
              "host's own processors count together");
  }
}

TEST(HostsProcessor, HasToLeaveNumbers) {
  for (const double temperature : {0.0, 1.0}) {
    EXPECT_EQ(refusal([](auto scores) { scores[3] = std::nanf(""); }, temperature),
              "error[usage.processor_scores]: processors: expected processors that make scores finite or minus "
              "infinity, found not a number; correct the host's own processor, or lower the biases and penalties");
    EXPECT_EQ(refusal([](auto scores) { scores[3] = -k_never; }, temperature),
              "error[usage.processor_scores]: processors: expected processors that make scores finite or minus "
              "infinity, found infinity; correct the host's own processor, or lower the biases and penalties");
  }
}

}  // namespace
