// Broken templates give a text or an error of theirs, and nothing else. tests/hostile changes them in ten thousand
// ways.
#include <gtest/gtest.h>

#include "tests/chat/template/support.hpp"

namespace template_tests {
namespace {

Variables conversation() {
  const auto recorded = read_json("conversations.json");
  return {{"messages", content_of(recorded["conversations"]["many turns"])},
          {"tools", content_of(recorded["tools"])},
          {"add_generation_prompt", Value::boolean(true)},
          {"bos_token", Value::text("<s>")},
          {"eos_token", Value::text("</s>")}};
}

/// Small budgets: a changed template may well loop.
constexpr chat::TemplateLimits k_limits{.steps = 50'000, .output_bytes = 1u << 16};

void expect_text_or_error(const std::string& source, const Value& variables) {
  try {
    const auto rendered = chat::Template::compile(source, "t", k_limits).render(variables, recorded_time());
    std::size_t last = 0;
    for (const chat::ByteSpan& span : rendered.content_spans) {
      ASSERT_TRUE(last <= span.begin && span.begin < span.end && span.end <= rendered.text.size());
      last = span.end;
    }
  } catch (const eigenformer::ChatError& error) {
    ASSERT_TRUE(error.id().starts_with("chat.")) << error.id();
  }
}

TEST(ChatTemplateHostile, EveryPrefixOfARealTemplate) {
  const Value variables = Value::object(conversation());
  for (const char* name : {"smollm2", "qwen3", "headers", "schemas"}) {
    const std::string source = read_file("templates/" + std::string(name) + ".jinja");
    ASSERT_GT(source.size(), 300u);
    const std::size_t stride = source.size() > 1000 ? 3 : 1;
    for (std::size_t size = 0; size <= source.size(); size += stride) {
      SCOPED_TRACE(size);
      expect_text_or_error(source.substr(0, size), variables);
    }
  }
}

TEST(ChatTemplateHostile, TextThatIsNotUtf8GoesThroughUnchanged) {
  const std::string broken = "a\xff\xc3(\xe4\xb8\xf0\x9f\x98";
  EXPECT_EQ(render("{{ x }}", {{"x", Value::text(broken)}}), broken);
  EXPECT_EQ(render("{{ x|upper|lower|trim }}", {{"x", Value::text(broken)}}), broken);
  EXPECT_EQ(render("{{ x|list|join }}{{ x|length }}", {{"x", Value::text(broken)}}), broken + "9");
}

TEST(ChatTemplateHostile, AValueThatIsNoObjectHasNoVariables) {
  EXPECT_EQ(chat::Template::compile("{{ x is defined }}", "t").render(Value::list({})).text, "False");
  EXPECT_EQ(chat::Template::compile("{{ x is defined }}", "t").render(Value()).text, "False");
}

}  // namespace
}  // namespace template_tests
