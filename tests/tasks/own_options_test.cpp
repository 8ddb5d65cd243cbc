// translate() and summarize() where the model's own files say how: what transformers' generate() writes then
// (own_options_recipe.py), and what goes before them.
#include <gtest/gtest.h>

#include "eigenformer/generate.hpp"
#include "eigenformer/tasks/summarize.hpp"
#include "tests/support/errors.hpp"
#include "tests/tasks/recorded.hpp"

namespace ef = eigenformer;
using eigenformer_tests::ChangedModel;
using nlohmann::json;

namespace {

constexpr const char* k_writer = "bart_summary";

/// The model with the keys of a case in one of its files.
ef::Model model_with(const std::string& file, const json& keys) {
  const ChangedModel changed(k_writer, json::object());
  if (file == "config.json") changed.remove("generation_config.json");
  changed.change_file(file.c_str(), [&](json& own) {
    if (file != "config.json") own = json::object();
    own.update(keys);
  });
  return changed.load();
}

ef::GenerateOptions options_of(const json& caller) {
  ef::GenerateOptions options;
  for (const auto& [key, value] : caller.items()) {
    if (key == "num_beams") {
      options.num_beams = value.get<std::size_t>();
    } else if (key == "length_penalty") {
      options.length_penalty = value.get<double>();
    } else if (key == "max_new_tokens") {
      options.max_new_tokens = value.get<std::size_t>();
    } else if (key == "min_length") {
      options.min_length = value.get<std::size_t>();
    } else if (key == "no_repeat_ngram_size") {
      options.no_repeat_ngram_size = value.get<std::size_t>();
    } else {
      ADD_FAILURE() << key;
    }
  }
  return options;
}

TEST(OwnOptions, MakeTheTokensOfTransformers) {
  const json cases = eigenformer_tests::recorded_calls(k_writer, "cases", "own_options.json");
  ASSERT_GE(cases.size(), 7U);
  for (const json& one : cases) {
    SCOPED_TRACE(one.at("file").dump() + " " + one.at("options").dump());
    const ef::Model model = model_with(one.at("file"), one.at("keys"));
    const ef::GenerateOptions said = options_of(one.at("options"));
    ASSERT_GE(one.at("calls").size(), 8U);
    for (const json& call : one["calls"]) {
      const std::string text = call.at("text");
      const auto written = ef::generate(model, model.tokenizer().encode(text), generation_options(model, {}, said));
      EXPECT_EQ(written.at(0).ids, call.at("ids").get<std::vector<ef::TokenId>>()) << text;
      EXPECT_EQ(ef::summarize(model, text, {.generation = said}), call.at("result").get<std::string>()) << text;
    }
  }
}

/// Begun as the model's own, options may say a default.
TEST(OwnOptions, ADefaultGoesBeforeThemWhereTheyAreNotAsked) {
  const json keys = {{"num_beams", 3}, {"min_length", 6}, {"no_repeat_ngram_size", 1}, {"max_length", 12}};
  const ef::Model model = model_with("generation_config.json", keys);
  ef::GenerateOptions repeats = ef::generation_options(model);
  EXPECT_EQ(repeats.no_repeat_ngram_size, 1U);
  repeats.no_repeat_ngram_size = 0;
  const std::string text = "Paris is a city.";
  const auto summary = [&](ef::UnsaidOptions unsaid) {
    return ef::summarize(model, text, {.generation = repeats, .unsaid = unsaid});
  };
  const auto plain = [&](const ef::GenerateOptions& options) {
    return ef::generate(model, model.tokenizer().encode(text), options).at(0).text;
  };
  EXPECT_EQ(summary(ef::UnsaidOptions::defaults), plain(repeats));
  EXPECT_EQ(summary(ef::UnsaidOptions::of_model), plain(ef::generation_options(model)));
  EXPECT_NE(summary(ef::UnsaidOptions::defaults), summary(ef::UnsaidOptions::of_model));
}

TEST(OwnOptions, OneOfTwoKeysThatTheHostSaysGoesBeforeTheOther) {
  const ef::Model model = model_with("generation_config.json", {{"max_new_tokens", 9},
                                                                {"min_new_tokens", 5},
                                                                {"num_beams", 4},
                                                                {"num_beam_groups", 2},
                                                                {"diversity_penalty", 1}});
  EXPECT_EQ(ef::generation_options(model).num_beam_groups, 2U);
  const ef::GenerateOptions said{.max_length = 7, .min_length = 3, .num_beams = 1};
  const ef::GenerateOptions options = ef::generation_options(model, {}, said);
  EXPECT_FALSE(options.max_new_tokens);
  EXPECT_FALSE(options.min_new_tokens);
  EXPECT_EQ(options.num_beam_groups, 1U);
  EXPECT_EQ(options.diversity_penalty, 0);
  EXPECT_EQ(eigenformer_tests::error_of([&] { ef::summarize(model, "Paris", {.generation = said}); }), "no error");
}

TEST(OwnOptions, ATextBecomesOneTextHoweverManyAreAskedFor) {
  const ef::Model model = model_with("generation_config.json", {{"num_return_sequences", 3}, {"max_length", 6}});
  EXPECT_EQ(eigenformer_tests::error_of([&] { ef::summarize(model, "Paris"); }), "no error");
}

TEST(OwnOptions, AKeyThatIsNotHonouredIsToldByItsFile) {
  const ef::Model model = model_with("generation_config.json", {{"penalty_alpha", 0.5}});
  EXPECT_TRUE(eigenformer_tests::error_of([&] {
                ef::summarize(model, "Paris");
              }).starts_with("config.generation_key: generation_config.json of "));
  const ef::SummarizeOptions without{.generation = {.max_new_tokens = 2}, .unsaid = ef::UnsaidOptions::defaults};
  EXPECT_EQ(eigenformer_tests::error_of([&] { ef::summarize(model, "Paris", without); }), "no error");
}

/// Of config.json, which has keys of many other kinds.
TEST(OwnOptions, WhatAConfigJsonCannotMeanIsPassedOver) {
  const json keys = {{"penalty_alpha", 0.5},
                     {"num_beams", "many"},
                     {"top_k", 2.5},
                     {"min_length", 4},
                     {"length_penalty", 99},
                     {"early_stopping", "soon"},
                     {"num_return_sequences", 5},
                     {"suppress_tokens", {90000}},
                     {"max_length", 0},
                     {"no_repeat_ngram_size", -1},
                     {"temperature", {1, 2}},
                     {"repetition_penalty", 1.5}};
  const ef::Model model = model_with("config.json", keys);
  const ef::GenerateOptions options = ef::generation_options(model);
  EXPECT_EQ(options.min_length, 4U);
  EXPECT_EQ(options.repetition_penalty, 1.5);
  EXPECT_FALSE(options.num_beams);
  EXPECT_FALSE(options.length_penalty);
  EXPECT_FALSE(options.early_stopping);
  EXPECT_FALSE(options.max_length);
  EXPECT_TRUE(options.suppress_tokens.empty());
  EXPECT_EQ(options.num_return_sequences, 1U);
  EXPECT_EQ(eigenformer_tests::error_of([&] { ef::summarize(model, "Paris", {.generation = {.max_new_tokens = 6}}); }),
            "no error");
}

}  // namespace
