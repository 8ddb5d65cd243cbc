// tag() against transformers' token-classification pipeline.
#include "eigenformer/tasks/tag.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/support/errors.hpp"
#include "tests/tasks/recorded.hpp"

namespace ef = eigenformer;
using eigenformer_tests::error_of;
using eigenformer_tests::recorded_calls;
using eigenformer_tests::task_model;
using nlohmann::json;

namespace {

ef::Aggregation aggregation_of(const json& call) {
  const std::map<std::string, ef::Aggregation> names = {{"none", ef::Aggregation::none},
                                                        {"simple", ef::Aggregation::simple},
                                                        {"first", ef::Aggregation::first},
                                                        {"average", ef::Aggregation::average},
                                                        {"max", ef::Aggregation::max}};
  return names.at(call.at("aggregation_strategy"));
}

ef::TagOptions tag_options(const json& call) {
  ef::TagOptions options{.aggregation = aggregation_of(call), .long_text = eigenformer_tests::long_text_of(call)};
  if (call.contains("ignore_labels")) options.ignored_labels = call["ignore_labels"].get<std::vector<std::string>>();
  if (call.contains("stride")) options.stride = call["stride"].get<std::size_t>();
  return options;
}

/// Bytes that the characters of a well-formed text take.
std::size_t byte_of(const std::string& text, std::size_t character) {
  std::size_t byte = 0;
  for (; character > 0; --character) {
    do ++byte;
    while (byte < text.size() && (text[byte] & 0xC0) == 0x80);
  }
  return byte;
}

void expect_equal(const ef::Tag& found, const json& expected, const json& call) {
  const bool is_token = expected.contains("entity");
  EXPECT_EQ(found.label, expected.at(is_token ? "entity" : "entity_group").get<std::string>()) << call;
  EXPECT_NEAR(found.score, expected.at("score"), eigenformer_tests::k_probability_tolerance) << call;
  EXPECT_EQ(found.text, expected.at("word").get<std::string>()) << call;
  EXPECT_EQ(found.characters.begin, expected.at("start")) << call;
  EXPECT_EQ(found.characters.end, expected.at("end")) << call;
  if (is_token) {
    EXPECT_EQ(found.token, expected.at("index")) << call;
  }
  const std::string text = call.at("text");
  EXPECT_EQ(found.bytes.begin, byte_of(text, found.characters.begin)) << call;
  EXPECT_EQ(found.bytes.end, byte_of(text, found.characters.end)) << call;
}

class TagTexts : public testing::TestWithParam<const char*> {};

TEST_P(TagTexts, AreWhatThePipelineGives) {
  const ef::Model model = task_model(GetParam());
  const json calls = recorded_calls(GetParam(), "tag");
  ASSERT_GE(calls.size(), 100U);
  std::size_t compared = 0;
  for (const json& call : calls) {
    const std::string text = call.at("text");
    const std::vector<ef::Tag> found = ef::tag(model, text, tag_options(call));
    const json& expected = call.at("result");
    ASSERT_EQ(found.size(), expected.size()) << call;
    for (std::size_t k = 0; k < found.size(); ++k, ++compared) expect_equal(found[k], expected[k], call);
  }
  EXPECT_GE(compared, 500U);
}

class TagWindows : public TagTexts {};

TEST_P(TagWindows, ManyAreThatManySingleOnes) {
  const ef::Model model = task_model(GetParam());
  std::vector<std::string> texts;
  for (const json& call : recorded_calls(GetParam(), "tag")) texts.push_back(call.at("text"));
  const std::vector<std::string_view> views(texts.begin(), texts.begin() + 21);
  const ef::TagOptions options{.aggregation = ef::Aggregation::first, .stride = 5};
  const auto together = ef::tag(model, views, options);
  ASSERT_EQ(together.size(), views.size());
  for (std::size_t k = 0; k < views.size(); ++k) {
    const auto alone = ef::tag(model, views[k], options);
    ASSERT_EQ(alone.size(), together[k].size());
    for (std::size_t one = 0; one < alone.size(); ++one) EXPECT_EQ(alone[one].score, together[k][one].score);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, TagTexts, testing::Values("bert_tag", "roberta_tag", "xlnet_tag"),
                         [](const auto& test) { return std::string(test.param); });
INSTANTIATE_TEST_SUITE_P(Models, TagWindows, testing::Values("bert_tag", "roberta_tag"),
                         [](const auto& test) { return std::string(test.param); });

/// A model of the sentencepiece library and a tokenizer.json describe the same tokens.
TEST(TagPieces, LieWhereATokenizerInFullHasThem) {
  const eigenformer_tests::ChangedModel full("xlnet_tag", json::object());
  full.rename("full_tokenizer.json", "tokenizer.json");
  const ef::Model model = task_model("xlnet_tag"), described = full.load();
  for (const json& call : recorded_calls("xlnet_tag", "tag")) {
    const std::string text = call.at("text");
    const ef::Encoding found = model.tokenizer().encode_with_offsets(text);
    const ef::Encoding expected = described.tokenizer().encode_with_offsets(text);
    EXPECT_EQ(found.ids, expected.ids) << text;
    EXPECT_EQ(found.offsets, expected.offsets) << text;
    EXPECT_EQ(found.words, expected.words) << text;
    const auto tags = ef::tag(model, text, tag_options(call)), others = ef::tag(described, text, tag_options(call));
    ASSERT_EQ(tags.size(), others.size()) << text;
    for (std::size_t k = 0; k < tags.size(); ++k) {
      EXPECT_EQ(tags[k].bytes, others[k].bytes) << call;
      EXPECT_EQ(tags[k].label, others[k].label) << call;
    }
  }
}

TEST(Tag, WrongUseIsAnError) {
  EXPECT_THAT(error_of([] { ef::tag(task_model("bert_classify"), "text"); }), testing::StartsWith("usage.task: "));
  const ef::Model model = task_model("bert_tag");
  EXPECT_EQ(
      error_of([&] { ef::tag(model, "text", {.stride = 3}); }),
      "usage.tag_windows: TagOptions: expected tokens that are joined to entities where a text is read in windows, "
      "found Aggregation::none with a stride; choose another aggregation, or leave the stride out");
  std::string text;
  for (int k = 0; k < 100; ++k) text += "Paris ";
  EXPECT_THAT(error_of([&] { ef::tag(model, text); }), testing::StartsWith("usage.prompt_too_long: "));
  EXPECT_THAT(error_of([&] { ef::tag(model, text, {.aggregation = ef::Aggregation::max, .stride = 62}); }),
              testing::StartsWith("usage.truncation: "));
  EXPECT_EQ(ef::try_tag(model, text).error().id, "usage.prompt_too_long");
}

TEST(Tag, IllFormedTextKeepsItsOffsets) {
  const std::string text = "Anna \xFF\xFE Schmidt \xE4\xBD";
  const auto tags = ef::tag(task_model("bert_tag"), text, {.ignored_labels = {}});
  ASSERT_FALSE(tags.empty());
  for (const ef::Tag& one : tags) {
    EXPECT_LE(one.bytes.end, text.size());
    EXPECT_LE(one.bytes.begin, one.bytes.end);
  }
  EXPECT_EQ(tags.front().bytes.begin, 0U);
}

}  // namespace
