// translate() and summarize() against transformers' generate() (writers_recipe.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eigenformer/tasks/summarize.hpp"
#include "eigenformer/tasks/translate.hpp"
#include "tests/support/errors.hpp"
#include "tests/tasks/recorded.hpp"

namespace ef = eigenformer;
using eigenformer_tests::error_of;
using eigenformer_tests::recorded_calls;
using eigenformer_tests::task_model;
using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

constexpr std::size_t k_new_tokens = 16;  // as the recipe has it

ef::TranslateOptions translate_options(const json& call) {
  return {.from = call.at("from"),
          .to = call.at("to"),
          .long_text = eigenformer_tests::long_text_of(call),
          .generation = {.max_new_tokens = k_new_tokens}};
}

class Translate : public testing::TestWithParam<const char*> {};

TEST_P(Translate, IsWhatGenerateWrites) {
  const ef::Model model = task_model(GetParam());
  const json calls = recorded_calls(GetParam(), "translate");
  ASSERT_GE(calls.size(), 16U);
  for (const json& call : calls) {
    const std::string text = call.at("text");
    EXPECT_EQ(ef::translate(model, text, translate_options(call)), call.at("result").get<std::string>()) << call;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, Translate, testing::Values("t5_tasks", "nllb", "mbart_50", "mbart_cc25", "marian"),
                         [](const auto& test) { return std::string(test.param); });

class Summarize : public testing::TestWithParam<const char*> {};

TEST_P(Summarize, IsWhatGenerateWrites) {
  const ef::Model model = task_model(GetParam());
  const json calls = recorded_calls(GetParam(), "summarize");
  ASSERT_GE(calls.size(), 8U);
  for (const json& call : calls) {
    const std::string text = call.at("text");
    const ef::SummarizeOptions options{.long_text = eigenformer_tests::long_text_of(call),
                                       .generation = {.max_new_tokens = k_new_tokens}};
    EXPECT_EQ(ef::summarize(model, text, options), call.at("result").get<std::string>()) << call;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, Summarize, testing::Values("t5_tasks", "bart_summary"),
                         [](const auto& test) { return std::string(test.param); });

std::string translation_error(const char* model, const ef::TranslateOptions& options, std::string_view text = "text") {
  return error_of([&] { ef::translate(task_model(model), text, options); });
}

TEST(TranslateUse, LanguagesThatAreMissing) {
  EXPECT_THAT(
      translation_error("nllb", {}),
      testing::AllOf(StartsWith("usage.language_missing: to: expected the language to translate into, for example "
                                "ace_Arab, "),
                     testing::EndsWith("found none; name the language by its code or its English name")));
  EXPECT_EQ(
      translation_error("marian", {}),
      "usage.language_missing: to: expected the language to translate into, for example deu, fra, found none; name "
      "the language by its code or its English name");
  EXPECT_EQ(
      translation_error("t5_tasks", {.to = "de"}),
      "usage.language_missing: from: expected the language to translate from, found none; name the language by its "
      "code or its English name");
  EXPECT_THAT(translation_error("t5_tasks", {.from = "de"}), HasSubstr("to: expected the language to translate into"));
}

TEST(TranslateUse, LanguagesThatAModelLacks) {
  EXPECT_THAT(translation_error("nllb", {.to = "Klingon"}), StartsWith("usage.language: "));
  EXPECT_THAT(translation_error("nllb", {.from = "Klingon", .to = "fr"}), StartsWith("usage.language: "));
  EXPECT_THAT(translation_error("marian", {.to = "nl"}), StartsWith("usage.language: "));
  EXPECT_EQ(translation_error("marian", {.from = "en", .to = "fr"}),
            "usage.language: from: expected no language for a model that is told only the language to translate "
            "into, found \"en\"; leave the language out");
  EXPECT_EQ(
      translation_error("bart_summary", {.to = "fr"}),
      "usage.language: to: expected no language for a model that is told none, found \"fr\"; leave the language out");
  EXPECT_EQ(
      translation_error("t5_tasks", {.from = "en", .to = "Klingon"}),
      "usage.language: to: expected a language by its code of ISO 639 or its English name, found \"Klingon\"; name "
      "another language");
}

TEST(TranslateUse, WhatTheModelsOwnFilesNameIsNotMissing) {
  const eigenformer_tests::ChangedModel changed("nllb", json::object());
  const ef::GenerateOptions generation{.max_new_tokens = 4};
  const std::string french = ef::translate(task_model("nllb"), "Paris", {.to = "fr", .generation = generation});
  const ef::TokenId token = task_model("nllb").tokenizer().language_token("fr");
  changed.change_file("generation_config.json", [&](json& config) { config["forced_bos_token_id"] = token; });
  EXPECT_EQ(ef::translate(changed.load(), "Paris", {.generation = generation}), french);
}

// mBART's decoder starts with the language itself: there it takes the start token's place.
TEST(TranslateUse, ALanguageThatTheDecoderStartsWithIsReplaced) {
  const ef::Model plain = task_model("nllb");
  const auto start = [&](const char* language) {
    const eigenformer_tests::ChangedModel changed("nllb", json::object());
    const ef::TokenId token = plain.tokenizer().language_token(language);
    changed.change_file("generation_config.json", [&](json& config) { config["decoder_start_token_id"] = token; });
    return changed.load();
  };
  const ef::GenerateOptions generation{.max_new_tokens = 8};
  const std::string french = ef::translate(start("fr"), "Paris is a city.", {.generation = generation});
  EXPECT_EQ(ef::translate(start("de"), "Paris is a city.", {.to = "fr", .generation = generation}), french);
}

/// As transformers' generate() has it for many translators.
TEST(WriterBeams, AreTheModelsOwnUnlessTheHostSaysOtherwise) {
  const eigenformer_tests::ChangedModel changed("marian", json::object());
  changed.change_file("generation_config.json", [](json& config) {
    config["num_beams"] = 4;
    config["length_penalty"] = 0.0;
    config["early_stopping"] = true;
  });
  const ef::Model own = changed.load(), plain = task_model("marian");
  std::size_t better_than_greedy = 0;
  for (const char* text : {"The weather is fine today.", "A cat", "to be or not to be", "Where is the station?"}) {
    const auto translated = [&](const ef::Model& model, ef::GenerateOptions generation) {
      generation.max_new_tokens = 12;
      return ef::translate(model, text, {.to = "fr", .generation = generation});
    };
    const std::string greedy = translated(plain, {.num_beams = 1});
    const std::string beams =
        translated(plain, {.num_beams = 4, .length_penalty = 0, .early_stopping = ef::EarlyStopping::yes});
    EXPECT_EQ(translated(own, {}), beams);
    EXPECT_EQ(translated(own, {.num_beams = 1}), greedy);
    EXPECT_EQ(translated(own, {.length_penalty = 3}),
              translated(plain, {.num_beams = 4, .length_penalty = 3, .early_stopping = ef::EarlyStopping::yes}));
    better_than_greedy += greedy != beams ? 1 : 0;
  }
  EXPECT_GE(better_than_greedy, 1U);
}

/// transformers' pipelines put it before each text, where task_specific_params have none for the task:
/// https://github.com/huggingface/transformers/blob/v4.57.1/src/transformers/pipelines/text2text_generation.py
TEST(Prefix, OfTheConfigGoesBeforeEveryText) {
  const json news = {{"prefix", "news: "}};
  const ef::GenerateOptions generation{.max_new_tokens = 8};
  const ef::Model summarizer = task_model("bart_summary"), translator = task_model("mbart_cc25");
  const std::string summary = ef::summarize(summarizer, "news: Paris is a city.", {.generation = generation});
  ASSERT_NE(summary, ef::summarize(summarizer, "Paris is a city.", {.generation = generation}));
  EXPECT_EQ(ef::summarize(eigenformer_tests::ChangedModel("bart_summary", news).load(), "Paris is a city.",
                          {.generation = generation}),
            summary);
  const ef::TranslateOptions french{.to = "fr", .generation = generation};
  const std::string translation = ef::translate(translator, "news: Paris is a city.", french);
  ASSERT_NE(translation, ef::translate(translator, "Paris is a city.", french));
  EXPECT_EQ(ef::translate(eigenformer_tests::ChangedModel("mbart_cc25", news).load(), "Paris is a city.", french),
            translation);
  const ef::Model told = task_model("t5_tasks");
  EXPECT_EQ(
      ef::summarize(eigenformer_tests::ChangedModel("t5_tasks", news).load(), "Paris", {.generation = generation}),
      ef::summarize(told, "Paris", {.generation = generation}));  // its task_specific_params say another one
}

TEST(TranslateUse, OtherModelsAndLongTexts) {
  EXPECT_THAT(translation_error("bert_tag", {}), testing::AllOf(StartsWith("usage.task: "), HasSubstr("translate")));
  EXPECT_THAT(error_of([] { ef::summarize(task_model("bert_tag"), "text"); }),
              testing::AllOf(StartsWith("usage.task: "), HasSubstr("an encoder-decoder, for summarize")));
  const ef::Model model = task_model("bart_summary");
  std::string text;
  for (int k = 0; k < 100; ++k) text += "Paris ";
  const std::string_view both[] = {"Paris", text};
  EXPECT_THAT(error_of([&] { ef::summarize(model, both, {.generation = {.max_new_tokens = 2}}); }),
              testing::AllOf(StartsWith("usage.prompt_too_long: text 1: expected at most 64 tokens, found "),
                             testing::EndsWith("; shorten the text, or have it cut: LongText::cut, --truncate")));
  EXPECT_EQ(ef::try_translate(model, text).error().id, "usage.prompt_too_long");
  EXPECT_TRUE(
      ef::try_summarize(model, text, {.long_text = ef::LongText::cut, .generation = {.max_new_tokens = 2}}).ok());
  const std::vector<std::string_view> texts = {"Paris", ""};
  const ef::SummarizeOptions short_ones{.generation = {.max_new_tokens = 4}};
  const std::vector<std::string> together = ef::summarize(model, texts, short_ones);
  ASSERT_EQ(together.size(), 2U);
  EXPECT_EQ(together[0], ef::summarize(model, "Paris", short_ones));
}

}  // namespace
