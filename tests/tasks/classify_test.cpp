// classify() against transformers' text-classification pipeline.
#include "eigenformer/tasks/classify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/support/errors.hpp"
#include "tests/tasks/recorded.hpp"

namespace ef = eigenformer;
using eigenformer_tests::error_id_of;
using eigenformer_tests::error_of;
using eigenformer_tests::pair_of;
using eigenformer_tests::recorded_calls;
using eigenformer_tests::task_model;
using nlohmann::json;

namespace {

ef::ClassifyOptions classify_options(const json& call) {
  const std::map<std::string, ef::ScoreFunction> functions = {{"", ef::ScoreFunction::automatic},
                                                              {"softmax", ef::ScoreFunction::softmax},
                                                              {"sigmoid", ef::ScoreFunction::sigmoid},
                                                              {"none", ef::ScoreFunction::none}};
  return {.top_k = call.value("top_k", std::size_t{0}),
          .function = functions.at(call.value("function_to_apply", "")),
          .long_text = eigenformer_tests::long_text_of(call)};
}

void expect_equal(const std::vector<ef::LabelScore>& found, const json& call) {
  const json& expected = call.at("result");
  ASSERT_EQ(found.size(), expected.size()) << call;
  for (std::size_t k = 0; k < found.size(); ++k) {
    EXPECT_EQ(found[k].label, expected[k].at("label").get<std::string>()) << call;
    EXPECT_NEAR(found[k].score, expected[k].at("score"), eigenformer_tests::k_probability_tolerance) << call;
  }
}

class Classify : public testing::TestWithParam<const char*> {};

TEST_P(Classify, IsWhatThePipelineGives) {
  const ef::Model model = task_model(GetParam());
  const json calls = recorded_calls(GetParam(), "classify");
  ASSERT_GE(calls.size(), 30U);
  for (const json& call : calls) {
    if (call.at("problem_type").is_null()) {
      expect_equal(ef::classify(model, pair_of(call), classify_options(call)), call);
    } else {
      const eigenformer_tests::ChangedModel changed(GetParam(), {{"problem_type", call["problem_type"]}});
      expect_equal(ef::classify(changed.load(), pair_of(call), classify_options(call)), call);
    }
  }
}

TEST_P(Classify, ManyTextsAreThatManySingleOnes) {
  const ef::Model model = task_model(GetParam());
  const json calls = recorded_calls(GetParam(), "classify");
  std::vector<ef::TextPair> texts;
  for (const json& call : calls) texts.push_back(pair_of(call));
  const auto together = ef::classify(model, texts, {.long_text = ef::LongText::cut});
  ASSERT_EQ(together.size(), texts.size());
  for (std::size_t k = 0; k < texts.size(); ++k) {
    const auto alone = ef::classify(model, texts[k], {.long_text = ef::LongText::cut});
    ASSERT_EQ(alone.size(), together[k].size());
    for (std::size_t label = 0; label < alone.size(); ++label) {
      EXPECT_EQ(alone[label].label, together[k][label].label);
      EXPECT_EQ(alone[label].score, together[k][label].score);  // the same bits
    }
  }
  EXPECT_TRUE(ef::classify(model, std::span<const ef::TextPair>{}).empty());
}

INSTANTIATE_TEST_SUITE_P(Models, Classify, testing::Values("bert_classify", "roberta_score", "xlnet_classify"),
                         [](const auto& test) { return std::string(test.param); });

TEST(ClassifyUse, LabelsAreInTheModelsInfo) {
  EXPECT_THAT(task_model("bert_classify").info().labels, testing::ElementsAre("bad", "good", "so so", "schön"));
  EXPECT_EQ(task_model("bert_classify").info().problem_type, ef::ProblemType::unspecified);
  EXPECT_TRUE(task_model("bert_answer").info().labels.empty());
}

TEST(ClassifyUse, WrongUseIsAnError) {
  EXPECT_THAT(
      error_of([] { ef::classify(task_model("bert_tag"), {.first = "text"}); }),
      testing::AllOf(testing::StartsWith("usage.task: "),
                     testing::HasSubstr("a model with the head \"sequence classification\", for classify, found "
                                        "one with the head \"token classification\" (bert)")));
  const ef::Model model = task_model("bert_classify");
  const std::string text(500, 'a');
  const std::string many = "a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a " + text +
                           "a a a a a a a "
                           "a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a";
  EXPECT_EQ(error_id_of([&] { ef::classify(model, {.first = many}); }), "usage.prompt_too_long");
  EXPECT_EQ(ef::try_classify(model, {.first = many}).error().id, "usage.prompt_too_long");
  EXPECT_TRUE(ef::try_classify(model, {.first = many}, {.long_text = ef::LongText::cut}).ok());
}

}  // namespace
