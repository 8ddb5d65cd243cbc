// Every error of a template has its id, its line and a sentence, and what is unknown is refused when it is compiled.
#include <gtest/gtest.h>

#include "tests/chat/template/support.hpp"

namespace template_tests {
namespace {

struct RefusedCase {
  const char* source;
  const char* id;
  const char* message;  // how it begins
};

class ChatTemplateRefused : public testing::TestWithParam<RefusedCase> {};

TEST_P(ChatTemplateRefused, WhenItIsCompiled) {
  const auto error = error_of([&] { chat::Template::compile(GetParam().source, "t.jinja"); });
  EXPECT_EQ(error.id, GetParam().id) << GetParam().source << "\n" << error.message();
  EXPECT_TRUE(error.message().starts_with(GetParam().message)) << error.message();
}

constexpr RefusedCase k_refused[] = {
    {"a\n{{ x|shout }}", "chat.template_unsupported",
     "t.jinja, line 2: expected Jinja that this interpreter knows, found the filter 'shout'; "},
    {"{% if false %}{{ x|shout }}{% endif %}", "chat.template_unsupported",
     "t.jinja, line 1: expected Jinja that this interpreter knows, found the filter 'shout'"},
    {"{{ x is odd and\n y is loud }}", "chat.template_unsupported",
     "t.jinja, line 2: expected Jinja that this interpreter knows, found the test 'loud'"},
    {"\n\n{{ lipsum() }}", "chat.template_unsupported",
     "t.jinja, line 3: expected Jinja that this interpreter knows, found the function 'lipsum'"},
    {"{{ open('f') }}", "chat.template_unsupported",
     "t.jinja, line 1: expected Jinja that this interpreter knows, found the function 'open'"},
    {"{{ x.encode('utf-8') }}", "chat.template_unsupported",
     "t.jinja, line 1: expected Jinja that this interpreter knows, found the method 'encode'"},
    {"{{ x.__class__.mro() }}", "chat.template_unsupported",
     "t.jinja, line 1: expected Jinja that this interpreter knows, found the method 'mro'"},
    {"{% do x %}", "chat.template_unsupported",
     "t.jinja, line 1: expected Jinja that this interpreter knows, found the tag 'do'"},
    {"{% include 'f' %}", "chat.template_unsupported",
     "t.jinja, line 1: expected Jinja that this interpreter knows, found the tag 'include'"},
    {"{% import 'f' as x %}", "chat.template_unsupported",
     "t.jinja, line 1: expected Jinja that this interpreter knows, found the tag 'import'"},
    {"{% extends 'f' %}", "chat.template_unsupported",
     "t.jinja, line 1: expected Jinja that this interpreter knows, found the tag 'extends'"},
    {"{% autoescape true %}{% endautoescape %}", "chat.template_unsupported",
     "t.jinja, line 1: expected Jinja that this interpreter knows, found the tag 'autoescape'"},
    {"{{ l|map('shout') }}", "chat.template_unsupported",
     "t.jinja, line 1: expected Jinja that this interpreter knows, found the filter 'shout'"},
    {"{{ l|selectattr('a', 'loud') }}", "chat.template_unsupported",
     "t.jinja, line 1: expected Jinja that this interpreter knows, found the test 'loud'"},
    {"{{ self.x() }}", "chat.template_unsupported",
     "t.jinja, line 1: expected Jinja that this interpreter knows, found the variable 'self'"},
    {"{{ '\\N{BULLET}' }}", "chat.template_unsupported",
     "t.jinja, line 1: expected Jinja that this interpreter knows, found an escape \\N with"},
    {"{% if x %}\n\na", "chat.template_syntax",
     "t.jinja, line 3: expected the tag 'elif' or 'else' or 'endif', found the end of the template; "},
    {"{% endfor %}", "chat.template_syntax",
     "t.jinja, line 1: expected a tag that fits the blocks around it, found 'endfor', which closes none of them"},
    {"{{ a b }}", "chat.template_syntax", "t.jinja, line 1: expected '}}', found 'b'"},
    {"{{ (1 }}", "chat.template_syntax", "t.jinja, line 1: expected ')', found '}'"},
    {"{{ 'a }}", "chat.template_syntax",
     "t.jinja, line 1: expected the closing quote of a text, found the end of the template"},
    {"{# a", "chat.template_syntax",
     "t.jinja, line 1: expected the end '#}' of the comment, found the end of the template"},
    {"{% raw %}", "chat.template_syntax",
     "t.jinja, line 1: expected the end '{% endraw %}' of the raw block, found the end of the template"},
    {"{{ $x }}", "chat.template_syntax", "t.jinja, line 1: expected a name, a literal or an operator, found '$'"},
    {"{% break %}", "chat.template_syntax", "t.jinja, line 1: expected a loop around 'break', found none"},
    {"{% for loop in x %}{% endfor %}", "chat.template_syntax",
     "t.jinja, line 1: expected names other than 'loop' to assign to inside of a loop, found 'loop'"},
    {"{{ 99999999999999999999 }}", "chat.template_syntax",
     "t.jinja, line 1: expected an integer of at most 64 bits, found 99999999999999999999"},
    {"{{ '\\ud800' }}", "chat.template_syntax",
     "t.jinja, line 1: expected the number of a character after a backslash, found a number that is none"},
    {"{{ 5() }}", "chat.template_syntax", "t.jinja, line 1: expected a function to call, found a literal"},
    {"{{", "chat.template_syntax", "t.jinja, line 1: expected the end of the tag, found the end of the template"},
};

INSTANTIATE_TEST_SUITE_P(Cases, ChatTemplateRefused, testing::ValuesIn(k_refused));

class ChatTemplateFails : public testing::TestWithParam<RefusedCase> {};

TEST_P(ChatTemplateFails, WhenItIsRendered) {
  const auto compiled = chat::Template::compile(GetParam().source, "t.jinja");
  const auto error = error_of([&] {
    compiled.render(
        Value::object({{"l", Value::list({Value::integer(1)})}, {"d", Value::object({{"a", Value::integer(1)}})}}));
  });
  EXPECT_EQ(error.id, GetParam().id) << GetParam().source << "\n" << error.message();
  EXPECT_TRUE(error.message().starts_with(GetParam().message)) << error.message();
}

constexpr RefusedCase k_failing[] = {
    {"{% if l %}\n{{ raise_exception('Roles must ' ~ 'alternate') }}{% endif %}", "chat.template_raised",
     "t.jinja, line 2: expected messages that the model's template accepts, found that it refuses them: Roles must "
     "alternate; "},
    {"a\n{{ x.y }}", "chat.template_undefined", "t.jinja, line 2: expected a value, found that 'x' is undefined; "},
    {"{{ d.b.c }}", "chat.template_undefined",
     "t.jinja, line 1: expected a value, found that 'dict object' has no attribute 'b'"},
    {"{{ l[3] + 1 }}", "chat.template_undefined",
     "t.jinja, line 1: expected a value, found that list object has no element 3"},
    {"{{ 'a' + 1 }}", "chat.template_type", "t.jinja, line 1: expected values that '+' can take, found str and int; "},
    {"{{ none < 1 }}", "chat.template_type",
     "t.jinja, line 1: expected values that '<' can compare, found NoneType and int"},
    {"{% for x in 5 %}{% endfor %}", "chat.template_type",
     "t.jinja, line 1: expected a list, an object, a text or another value with items, found a value of type int"},
    {"{{ 1 / 0 }}", "chat.template_value", "t.jinja, line 1: expected a divisor other than zero, found zero; "},
    {"{{ 9223372036854775807 + 1 }}", "chat.template_value",
     "t.jinja, line 1: expected integers of at most 64 bits, found a larger one"},
    {"{{ 2 ** 64 }}", "chat.template_value",
     "t.jinja, line 1: expected integers of at most 64 bits, found a larger one"},
    {"{{ -(-9223372036854775807 - 1) }}", "chat.template_value",
     "t.jinja, line 1: expected integers of at most 64 bits, found a larger one"},
    {"{{ (-9223372036854775807 - 1) // -1 }}", "chat.template_value",
     "t.jinja, line 1: expected integers of at most 64 bits, found a larger one"},
    {"{{ '99999999999999999999'|int }}", "chat.template_value",
     "t.jinja, line 1: expected integers of at most 64 bits, found a larger one"},
    {"{% set a, b = l %}", "chat.template_value", "t.jinja, line 1: expected 2 values to unpack, found 1"},
    {"{{ l.append(2) }}", "chat.template_unsafe",
     "t.jinja, line 1: expected attributes that a template may use, found access to attribute 'append' of 'list' "
     "object is unsafe; "},
    {"{{ d.__class__.name }}", "chat.template_unsafe",
     "t.jinja, line 1: expected attributes that a template may use, found access to attribute '__class__' of 'dict' "
     "object is unsafe"},
    {"\n{{ strftime_now('%Y') }}", "chat.template_clock",
     "t.jinja, line 2: expected the date from the host, as the template calls strftime_now, found none; "},
    {"{{ l|map(d.name|default('shout'))|list }}", "chat.template_unsupported",
     "t.jinja, line 1: expected Jinja that this interpreter knows, found the filter 'shout'"},
    {"{{ l.strip() }}", "chat.template_undefined",
     "t.jinja, line 1: expected a value, found that 'list object' has no attribute 'strip'"},
};

INSTANTIATE_TEST_SUITE_P(Cases, ChatTemplateFails, testing::ValuesIn(k_failing));

TEST(ChatTemplateClock, IsUndefinedWithoutADateSoThatTemplatesCanTakeTheirOwnWayOut) {
  const std::string source =
      "{% if strftime_now is defined %}{{ strftime_now('%d %b %Y') }}{% else %}26 Jul 2024{% endif %}";
  EXPECT_EQ(render(source), "26 Jul 2024");
  EXPECT_EQ(render(source, {}, recorded_time()), "03 Nov 2026");
}

TEST(ChatTemplateValues, JsonThatCannotBeAValueIsRefused) {
  const auto parse = [](const std::string& json) {
    return error_of([&] { Value::parse_json(json, Provenance::content); });
  };
  EXPECT_EQ(parse("{\"a\": 18446744073709551615}").message(),
            "the variables of the chat template: expected integers of at most 64 bits with sign, found "
            "18446744073709551615; look at the messages and variables that the template is given");
  EXPECT_EQ(parse("{\"a\": ").id, "chat.template_json");
  EXPECT_EQ(parse(std::string(100, '[') + std::string(100, ']')).id, "");
  EXPECT_EQ(parse(std::string(102, '[') + std::string(102, ']')).id, "chat.template_budget");
  EXPECT_EQ(parse(std::string(200'000, '[') + std::string(200'000, ']')).id, "chat.template_budget");
}

TEST(ChatTemplateValues, ObjectsKeepTheirOrderAndTheLastOfEqualKeys) {
  const Value value = Value::object({{"b", Value::integer(1)}, {"a", Value::integer(2)}, {"b", Value::integer(3)}});
  EXPECT_EQ(render("{{ d }}", {{"d", value}}), "{'b': 3, 'a': 2}");
  EXPECT_EQ(render("{{ d }}", {{"d", Value::parse_json("{\"b\":1,\"a\":[null,1.0,1e30]}", Provenance::trusted)}}),
            "{'b': 1, 'a': [None, 1.0, 1e+30]}");
}

}  // namespace
}  // namespace template_tests
