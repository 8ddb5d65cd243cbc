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

TEST(ChatTemplateRecorded, EveryConversation) {
  const auto recorded = read_json("conversations.json");
  ASSERT_GE(recorded["renderings"].size(), 400u);
  for (const auto& one : recorded["renderings"]) {
    SCOPED_TRACE(one["template"].get<std::string>() + ", " + one["conversation"].get<std::string>());
    const bool with_tools = one["tools"];
    Variables variables = {
        {"messages", content_of(recorded["conversations"][one["conversation"].get<std::string>()])},
        {"tools", with_tools ? content_of(recorded["tools"]) : Value()},
        {"documents", Value()},
        {"add_generation_prompt", Value::boolean(one["add_generation_prompt"])},
        {"bos_token", Value::text("<s>")},
        {"eos_token", Value::text("</s>")},
    };
    if (with_tools) variables.emplace_back("enable_thinking", Value::boolean(true));
    const auto compiled = chat::Template::compile(read_file("templates/" + one["template"].get<std::string>()), "test");
    chat::RenderedTemplate rendered;
    const auto error = error_of([&] { rendered = compiled.render(Value::object(variables), recorded_time()); });
    if (!one.contains("text")) {
      EXPECT_NE(error.id, "") << "expected an error, found the text: " << rendered.text;
      continue;
    }
    EXPECT_EQ(error.id, "") << error.message();
    EXPECT_EQ(rendered.text, one["text"].get<std::string>());
    std::size_t last = 0;
    for (const chat::ByteSpan& span : rendered.content_spans) {
      EXPECT_TRUE(span.begin < span.end && (last == 0 || last < span.begin) && span.end <= rendered.text.size());
      last = span.end;
    }
  }
}

}  // namespace
}  // namespace template_tests
