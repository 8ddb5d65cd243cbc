// answer() against the question-answering pipeline of transformers 4 (answer_recipe.py).
#include "eigenformer/tasks/answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/errors.hpp"
#include "tests/tasks/recorded.hpp"

namespace ef = eigenformer;
using eigenformer_tests::error_of;
using eigenformer_tests::recorded_calls;
using eigenformer_tests::task_model;
using nlohmann::json;

namespace {

ef::AnswerOptions answer_options(const json& call) {
  ef::AnswerOptions options{.top_k = call.value("top_k", std::size_t{1}),
                            .max_answer_length = call.value("max_answer_len", std::size_t{15}),
                            .may_be_impossible = call.value("handle_impossible_answer", false),
                            .align_to_words = call.value("align_to_words", true)};
  if (call.contains("max_seq_len")) options.max_length = call["max_seq_len"].get<std::size_t>();
  if (call.contains("doc_stride")) options.stride = call["doc_stride"].get<std::size_t>();
  return options;
}

class AnswerQuestions : public testing::TestWithParam<const char*> {};

TEST_P(AnswerQuestions, IsWhatThePipelineGives) {
  const ef::Model model = task_model(GetParam());
  const json calls = recorded_calls(GetParam(), "answer", "answers.json");
  ASSERT_GE(calls.size(), 60U);
  std::size_t compared = 0;
  for (const json& call : calls) {
    const std::string question = call.at("question"), context = call.at("context");
    const auto found = ef::answer(model, {.question = question, .context = context}, answer_options(call));
    const json& expected = call.at("result");
    ASSERT_EQ(found.size(), expected.size()) << call;
    for (std::size_t k = 0; k < found.size(); ++k, ++compared) {
      EXPECT_NEAR(found[k].score, expected[k].at("score"), eigenformer_tests::k_probability_tolerance) << call;
      EXPECT_EQ(found[k].text, expected[k].at("answer").get<std::string>()) << k << " of " << call;
      EXPECT_EQ(found[k].characters.begin, expected[k].at("start")) << k << " of " << call;
      EXPECT_EQ(found[k].characters.end, expected[k].at("end")) << k << " of " << call;
      EXPECT_EQ(found[k].text, context.substr(found[k].bytes.begin, found[k].bytes.end - found[k].bytes.begin));
    }
  }
  EXPECT_GE(compared, 300U);
}

TEST_P(AnswerQuestions, ManyAreThatManySingleOnes) {
  const ef::Model model = task_model(GetParam());
  const json calls = recorded_calls(GetParam(), "answer", "answers.json");
  std::vector<ef::Question> questions;
  for (const json& call : calls) {
    questions.push_back(
        {call.at("question").get_ref<const std::string&>(), call.at("context").get_ref<const std::string&>()});
  }
  const auto together = ef::answer(model, questions, {.top_k = 3});
  ASSERT_EQ(together.size(), questions.size());
  for (std::size_t k = 0; k < questions.size(); k += 7) {
    const auto alone = ef::answer(model, questions[k], {.top_k = 3});
    ASSERT_EQ(alone.size(), together[k].size());
    for (std::size_t one = 0; one < alone.size(); ++one) EXPECT_EQ(alone[one].score, together[k][one].score);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, AnswerQuestions, testing::Values("bert_answer", "roberta_answer"),
                         [](const auto& test) { return std::string(test.param); });

/// The token that stands for no answer is XLNet's last: recorded by the pipeline's rule with that place
/// (heads_recipe.py).
TEST(Answer, NoAnswerStandsAtTheEndOfXlnetsWindows) {
  const ef::Model model = task_model("xlnet_answer");
  const json calls = recorded_calls("xlnet_answer", "answer");
  ASSERT_GE(calls.size(), 8U);
  for (const json& call : calls) {
    const std::string question = call.at("question"), context = call.at("context");
    ef::AnswerOptions options = answer_options(call);
    options.top_k = 3;
    const auto found = ef::answer(model, {.question = question, .context = context}, options);
    const json& expected = call.at("result");
    ASSERT_EQ(found.size(), expected.size()) << call;
    for (std::size_t k = 0; k < found.size(); ++k) {
      EXPECT_NEAR(found[k].score, expected[k].at("score"), eigenformer_tests::k_probability_tolerance) << call;
      EXPECT_EQ(found[k].text, expected[k].at("answer").get<std::string>()) << k << " of " << call;
      EXPECT_EQ(found[k].characters.begin, expected[k].at("start")) << k << " of " << call;
    }
  }
}

TEST(Answer, WrongUseIsAnError) {
  EXPECT_THAT(error_of([] { ef::answer(task_model("bert_tag"), {"a", "b"}); }), testing::StartsWith("usage.task: "));
  const ef::Model model = task_model("bert_answer");
  const auto error = [&](const ef::Question& question, const ef::AnswerOptions& options = {}) {
    return error_of([&] { ef::answer(model, question, options); });
  };
  EXPECT_EQ(error({"Who?", ""}),
            "usage.question_empty: expected a question and a context to find its answer in, found an empty context; "
            "pass some text for both");
  EXPECT_THAT(error({"", "text"}), testing::HasSubstr("found an empty question"));
  EXPECT_EQ(error({"Who?", "text"}, {.top_k = 0}),
            "usage.option_range: top_k: expected at least 1, found 0; choose a value in that range");
  EXPECT_THAT(error({"Who?", "text"}, {.max_answer_length = 0}), testing::StartsWith("usage.option_range: max_answer"));
  EXPECT_THAT(error({"Who?", "text"}, {.max_length = 65}),
              testing::HasSubstr("expected at most 64, the model's context, found 65"));
  std::string question;
  for (int k = 0; k < 80; ++k) question += "who ";
  const std::string too_long =
      "usage.truncation: text 0: expected a question that leaves its context more than the stride of 32 tokens in a "
      "window of 64, found one that leaves no more; shorten the question, or choose longer windows or a shorter "
      "stride";
  EXPECT_EQ(error({question, "text"}), too_long);
  EXPECT_EQ(error({question.substr(0, 4 * 40), question}), too_long);  // what is left is no more than the stride
  EXPECT_EQ(ef::try_answer(model, {"", ""}).error().id, "usage.question_empty");
}

TEST(Answer, IllFormedTextKeepsItsOffsets) {
  const std::string context = "Anna \xFF\xFE Schmidt \xE4\xBD Köln";
  for (const ef::Answer& one : ef::answer(task_model("bert_answer"), {"Who?", context}, {.top_k = 20})) {
    EXPECT_EQ(one.text, context.substr(one.bytes.begin, one.bytes.end - one.bytes.begin));
  }
}

}  // namespace
