// fill_mask() against transformers' fill-mask pipeline.
#include "eigenformer/tasks/fill_mask.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/errors.hpp"
#include "tests/tasks/recorded.hpp"

namespace ef = eigenformer;
using eigenformer_tests::error_of;
using eigenformer_tests::recorded_calls;
using eigenformer_tests::task_model;
using nlohmann::json;

namespace {

ef::FillMaskOptions fill_mask_options(const json& call) {
  ef::FillMaskOptions options{.top_k = call.value("top_k", std::size_t{5}),
                              .long_text = eigenformer_tests::long_text_of(call)};
  if (call.contains("targets")) options.targets = call["targets"].get<std::vector<std::string>>();
  return options;
}

class FillMask : public testing::TestWithParam<const char*> {};

TEST_P(FillMask, IsWhatThePipelineGives) {
  const ef::Model model = task_model(GetParam());
  const json calls = recorded_calls(GetParam(), "fill_mask");
  ASSERT_GE(calls.size(), 14U);
  for (const json& call : calls) {
    const std::string text = call.at("text");
    const auto found = ef::fill_mask(model, text, fill_mask_options(call));
    const json& masks = call.at("result");
    ASSERT_EQ(found.size(), masks.size()) << call;
    for (std::size_t mask = 0; mask < masks.size(); ++mask) {
      ASSERT_EQ(found[mask].size(), masks[mask].size()) << call;
      for (std::size_t k = 0; k < masks[mask].size(); ++k) {
        const json& expected = masks[mask][k];
        EXPECT_EQ(found[mask][k].token, expected.at("token")) << call;
        EXPECT_EQ(found[mask][k].text, expected.at("token_str").get<std::string>()) << call;
        EXPECT_EQ(found[mask][k].filled, expected.at("sequence").get<std::string>()) << call;
        EXPECT_NEAR(found[mask][k].probability, expected.at("score"), eigenformer_tests::k_probability_tolerance);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, FillMask, testing::Values("bert_pretraining", "roberta_mask"),
                         [](const auto& test) { return std::string(test.param); });

TEST(FillMaskUse, ManyTextsAreThatManySingleOnes) {
  const ef::Model model = task_model("roberta_mask");
  const std::vector<std::string_view> texts = {"<mask>", "Paris is the <mask> of <mask>.", "a <mask>"};
  const auto together = ef::fill_mask(model, texts);
  ASSERT_EQ(together.size(), 3U);
  EXPECT_EQ(together[1].size(), 2U);
  for (std::size_t k = 0; k < texts.size(); ++k) {
    const auto alone = ef::fill_mask(model, texts[k]);
    ASSERT_EQ(alone.size(), together[k].size());
    for (std::size_t mask = 0; mask < alone.size(); ++mask) {
      EXPECT_EQ(alone[mask].front().probability, together[k][mask].front().probability);
    }
  }
}

TEST(FillMaskUse, WrongUseIsAnError) {
  const ef::Model model = task_model("bert_pretraining");
  EXPECT_EQ(
      error_of([&] { ef::fill_mask(model, "no gap"); }),
      "usage.no_mask: expected the mask token [MASK] in the text, found none; write [MASK] where a word is missing");
  EXPECT_THAT(error_of([&] { ef::fill_mask(task_model("bert_tag"), "[MASK]"); }),
              testing::AllOf(testing::StartsWith("usage.task: "),
                             testing::HasSubstr("the head \"masked language model\" or the head \"pretraining\"")));
  EXPECT_EQ(error_of([&] {
              ef::fill_mask(model, "[MASK]", {.targets = {"the", ""}});
            }),
            "usage.mask_target: targets: expected targets that have a token, found \"\"; name other words");
  EXPECT_EQ(error_of([&] { ef::fill_mask(model, "[MASK]", {.top_k = 0}); }),
            "usage.option_range: top_k: expected at least 1, found 0; choose a value in that range");
  EXPECT_EQ(ef::try_fill_mask(model, "no gap").error().id, "usage.no_mask");
}

TEST(FillMaskUse, ATokenizerWithoutMaskIsAnError) {
  const eigenformer_tests::ChangedModel changed("roberta_mask", json::object());
  changed.change_file("tokenizer_config.json", [](json& config) { config.erase("mask_token"); });
  EXPECT_THAT(
      error_of([&] { ef::fill_mask(changed.load(), "a"); }),
      testing::AllOf(testing::StartsWith("usage.mask_token: "),
                     testing::EndsWith("expected a model whose tokenizer has a mask token, found one without; use a "
                                       "model that was trained to fill gaps")));
}

}  // namespace
