// Templates render as jinja2 renders them in the environment of transformers (template/recipe.py made the recordings).
#include <gtest/gtest.h>

#include "tests/chat/template/support.hpp"

namespace template_tests {
namespace {

TEST(ChatTemplateRecorded, EveryConstruct) {
  const auto recorded = read_json("constructs.json");
  const Value variables = content_of(recorded["variables"]);
  ASSERT_GE(recorded["cases"].size(), 400u);
  for (const auto& one : recorded["cases"]) {
    const std::string source = one["template"];
    SCOPED_TRACE(one["construct"].get<std::string>() + ": " + source);
    std::string text;
    const auto error =
        error_of([&] { text = chat::Template::compile(source, "test").render(variables, recorded_time()).text; });
    if (one.contains("text")) {
      EXPECT_EQ(error.id, "") << error.message();
      EXPECT_EQ(text, one["text"].get<std::string>());
    } else {
      EXPECT_TRUE(error.id.starts_with("chat.template_")) << "expected an error, found the text: " << text;
    }
  }
}

/// The variables of a rendering: the conversation, and what the variant adds to what every template is given.
Value variables_of(const nlohmann::ordered_json& messages, const nlohmann::ordered_json& variant) {
  nlohmann::ordered_json variables = {{"messages", messages},           {"tools", nullptr},   {"documents", nullptr},
                                      {"add_generation_prompt", false}, {"bos_token", "<s>"}, {"eos_token", "</s>"}};
  variables.update(variant);
  return content_of(variables);
}

void expect_spans_in_order(const chat::RenderedTemplate& rendered) {
  std::size_t last = 0;
  for (const chat::ByteSpan& span : rendered.content_spans) {
    EXPECT_TRUE(span.begin < span.end && (last == 0 || last < span.begin) && span.end <= rendered.text.size());
    last = span.end;
  }
}

/// `record` is a text, what the rendering adds to the `plain` one, or how it fails.
void expect_recorded(const nlohmann::ordered_json& record, const nlohmann::ordered_json& plain,
                     const chat::RenderedTemplate& rendered, const eigenformer::ErrorReport& error) {
  if (record.contains("raised")) {
    EXPECT_EQ(error.id, "chat.template_raised") << error.message();
    EXPECT_EQ(error.found, "that it refuses them: " + record["raised"].get<std::string>());
  } else if (record.contains("error")) {
    EXPECT_NE(error.id, "") << "expected an error, found the text: " << rendered.text;
  } else {
    const bool adds = record.contains("adds");
    EXPECT_EQ(error.id, "") << error.message();
    EXPECT_EQ(rendered.text,
              adds ? plain.get<std::string>() + record["adds"].get<std::string>() : record.get<std::string>());
    expect_spans_in_order(rendered);
  }
}

TEST(ChatTemplateRecorded, EveryConversation) {
  const auto recorded = read_json("conversations.json");
  std::size_t renderings = 0;
  for (const auto& [name, conversations] : recorded["renderings"].items()) {
    const auto compiled = chat::Template::compile(read_file("templates/" + name), "test");
    for (const auto& [conversation, records] : conversations.items()) {
      for (const auto& [variant, record] : records.items()) {
        SCOPED_TRACE(name + ", " + conversation + ", " + variant);
        const Value variables = variables_of(recorded["conversations"][conversation], recorded["variants"][variant]);
        chat::RenderedTemplate rendered;
        const auto error = error_of([&] { rendered = compiled.render(variables, recorded_time()); });
        expect_recorded(record, records["plain"], rendered, error);
        ++renderings;
      }
    }
  }
  EXPECT_GE(recorded["renderings"].size(), 28u);
  EXPECT_GE(renderings, 900u);
}

}  // namespace
}  // namespace template_tests
