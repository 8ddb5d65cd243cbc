// next_sentence() and choose_answer() against the models of transformers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eigenformer/tasks/multiple_choice.hpp"
#include "eigenformer/tasks/next_sentence.hpp"
#include "tests/support/errors.hpp"
#include "tests/tasks/recorded.hpp"

namespace ef = eigenformer;
using eigenformer_tests::error_of;
using eigenformer_tests::recorded_calls;
using eigenformer_tests::task_model;
using nlohmann::json;

namespace {

class NextSentence : public testing::TestWithParam<const char*> {};

TEST_P(NextSentence, IsWhatTheHeadSays) {
  const ef::Model model = task_model(GetParam());
  const json calls = recorded_calls(GetParam(), "next_sentence");
  ASSERT_GE(calls.size(), 8U);
  for (const json& call : calls) {
    const ef::TextPair pair = eigenformer_tests::pair_of(call);
    const double found = ef::next_sentence(model, {.first = pair.first, .second = *pair.second},
                                           {.long_text = eigenformer_tests::long_text_of(call)});
    EXPECT_NEAR(found, call.at("result"), eigenformer_tests::k_probability_tolerance) << call;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, NextSentence, testing::Values("bert_pretraining", "bert_next_sentence"),
                         [](const auto& test) { return std::string(test.param); });

TEST(NextSentenceUse, SeveralAndWrongUse) {
  const ef::Model model = task_model("bert_next_sentence");
  const std::vector<ef::SentencePair> pairs = {{"Paris", "Rome"}, {"", "."}};
  const std::vector<double> together = ef::next_sentence(model, pairs);
  ASSERT_EQ(together.size(), 2U);
  EXPECT_EQ(together[1], ef::next_sentence(model, pairs[1]));
  EXPECT_THAT(error_of([] {
                ef::next_sentence(task_model("bert_choice"), {"a", "b"});
              }),
              testing::StartsWith("usage.task: "));
  EXPECT_EQ(ef::try_next_sentence(task_model("bert_choice"), {"a", "b"}).error().id, "usage.task");
}

TEST(MultipleChoice, IsWhatTheHeadSays) {
  const ef::Model model = task_model("bert_choice");
  const json calls = recorded_calls("bert_choice", "choose");
  ASSERT_GE(calls.size(), 4U);
  for (const json& call : calls) {
    const std::string prompt = call.at("text");
    const auto choices = call.at("choices").get<std::vector<std::string>>();
    const std::vector<std::string_view> views(choices.begin(), choices.end());
    const std::vector<double> found = ef::choose_answer(model, {.prompt = prompt, .choices = views});
    ASSERT_EQ(found.size(), choices.size());
    for (std::size_t k = 0; k < found.size(); ++k) {
      EXPECT_NEAR(found[k], call.at("result")[k], eigenformer_tests::k_probability_tolerance) << call;
    }
  }
}

TEST(MultipleChoice, OfNothingAndWrongUse) {
  EXPECT_TRUE(ef::choose_answer(task_model("bert_choice"), {.prompt = "a", .choices = {}}).empty());
  EXPECT_THAT(error_of([] { ef::choose_answer(task_model("bert_tag"), {.prompt = "a", .choices = {}}); }),
              testing::StartsWith("usage.task: "));
  EXPECT_EQ(ef::try_choose_answer(task_model("bert_tag"), {.prompt = "a", .choices = {}}).error().id, "usage.task");
}

}  // namespace
