// A template cannot use up the host: every budget ends in an error, with little memory and on a small stack.
#include <gtest/gtest.h>

#include <functional>

#include "tests/chat/template/support.hpp"
#include "tests/support/small_stack.hpp"

namespace template_tests {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t k_stack_bytes = 2u << 20;  // the sanitizer's frames are several times as large
#else
constexpr std::size_t k_stack_bytes = 256u << 10;
#endif

/// Runs `work` on a thread with a stack of 256 KiB.
void on_small_stack(const std::function<void()>& work) { eigenformer_tests::on_small_stack(k_stack_bytes, work); }

std::string times(std::size_t count, const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

class ChatTemplateBudget : public testing::TestWithParam<const char*> {};

TEST_P(ChatTemplateBudget, EndsInAnError) {
  const auto error = render_error(GetParam(), {{"l", Value::list({Value::integer(1), Value::integer(2)})}});
  EXPECT_EQ(error.id, "chat.template_budget") << error.message();
}

INSTANTIATE_TEST_SUITE_P(
    Cases, ChatTemplateBudget,
    testing::Values(
        "{{ range(10**9) }}", "{{ range(-9223372036854775807, 9223372036854775807)|list }}", "{{ 'a' * 10**9 }}",
        "{{ 'a' * 9223372036854775807 }}", "{{ [0] * 10**9 }}", "{{ [0, 1] * 9223372036854775807 }}",
        "{% set ns = namespace(x='a') %}{% for i in range(64) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{% set ns = namespace(x='a') %}{% for i in range(64) %}{% set ns.x = [ns.x]|join * 2 %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(64) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x=[]) %}{% for i in range(999) %}{% set ns.x = [ns.x] %}{% endfor %}",
        "{% set ns = namespace(x={}) %}{% for i in range(999) %}{% set ns.x = {'a': ns.x} %}{% endfor %}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% for a in range(9999) %}{{ 'x' * 9999 }}{% endfor %}",
        "{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}",
        "{% macro g() %}{{ caller() }}{% endmacro %}{% macro f() %}{% call g() %}{{ f() }}{% endcall %}{% endmacro "
        "%}{{ f() }}",
        "{% for x in l recursive %}{{ loop(l) }}{% endfor %}", "{{ '%1000000000d' % 1 }}", "{{ '%*d' % (10**8, 1) }}",
        "{{ '{:1000000000}'.format(1) }}", "{{ 'a'.center(10**12) }}", "{{ 'a'.zfill(10**12) }}",
        "{{ '\t'.expandtabs(10**12) }}", "{{ l|batch(10**9, 0)|list }}", "{{ l|slice(10**9)|list }}",
        "{{ 'a'|indent(10**10) }}", "{{ ('a' * 10**6)|replace('a', 'b' * 1000) }}", "{{ ('a' * 10**6).split('a') }}",
        "{{ ('a' * 10**6)|list }}", "{{ ('a' * 10**7).replace('', 'bc') }}",
        "{% set x = 'ab' * 10**6 %}{% for i in range(99999) %}{{ x|length }}{% endfor %}",
        "{% set x = 'ab' * 10**6 %}{% for i in range(99999) %}{% if x == x ~ '' %}{% endif %}{% endfor %}",
        "{% set x = 'ab' * 10**6 %}{% for i in range(99999) %}{% if 'c' in x %}{% endif %}{% endfor %}",
        "{% set x = 'ab' * 10**6 %}{% for i in range(99999) %}{% set y = x|tojson|urlencode %}{% endfor %}",
        "{% set x = range(99999)|list %}{% for i in range(99999) %}{% if -1 in x %}{% endif %}{% endfor %}",
        "{% set x = range(9999)|list %}{% for i in range(9999) %}{% set y = x|sort|tojson %}{% endfor %}",
        "{% for a in l if [1, 2, 3]|length %}{% for b in range(99999) %}{% for c in range(9999) if false %}{% endfor "
        "%}{% endfor %}{% endfor %}",
        "{% set ns = namespace() %}{% set ns.ns = ns %}{{ ns }}", "{{ range(100001) }}",
        // searches whose time grows with the product of two lengths
        "{% set x = 'a' * 10**6 %}{% set y = 'a' * 10**5 ~ 'b' %}{{ y in x }}",
        "{% set x = 'a' * 10**6 %}{% set y = 'a' * 10**5 ~ 'b' %}{{ x.find(y) }}",
        "{% set x = 'a' * 10**6 %}{% set y = 'a' * 10**5 ~ 'b' %}{{ x.rfind('b' ~ y[:-1]) }}{{ x.rindex(y) }}",
        "{% set x = 'a' * 10**6 %}{% set y = 'a' * 10**5 ~ 'b' %}{{ x.count(y) }}",
        "{% set x = 'a' * 10**6 %}{% set y = 'a' * 10**5 ~ 'b' %}{{ x.replace(y, '') }}",
        "{% set x = 'a' * 10**6 %}{% set y = 'a' * 10**5 ~ 'b' %}{{ x.split(y) }}",
        "{% set x = 'a' * 10**6 %}{% set y = 'a' * 10**5 ~ 'b' %}{{ x.partition(y) }}",
        "{% set x = 'a' * 10**6 %}{% set y = ('a' * 10**3 ~ 'b')|list|join %}{{ x.strip(y) }}",
        // much that is compared or walked and nothing that is written
        "{% set x = 'a' * 10**6 %}{% for i in range(99999) %}{% set y = x.removeprefix(x) %}{% endfor %}",
        "{% set x = 'a' * 10**6 %}{% for i in range(99999) %}{% set y = x.startswith((x, x)) %}{% endfor %}",
        "{% set x = 'a' * 10**6 %}{% set d = {x: 1, x ~ 'b': 2} %}{% for i in range(99999) %}{% if x in d %}{% endif "
        "%}{% endfor %}",
        "{% set x = 'a' * 10**6 %}{% set d = {x: 1, x ~ 'b': 2} %}{% for i in range(99999) %}{% set y = d[x] %}{% "
        "endfor %}",
        "{% set x = 'a' * 10**6 %}{% set d = {x: 1, x ~ 'b': 2} %}{% for i in range(99999) %}{% set y = d.get(x) %}{% "
        "endfor %}",
        "{% set x = 'a' * 10**6 %}{% set d = {x: 1} %}{% set e = {x: 1} %}{% for i in range(99999) %}{% if d == e "
        "%}{% endif %}{% endfor %}",
        "{% set ns = namespace(t=()) %}{% for i in range(60) %}{% set ns.t = (ns.t, ns.t) %}{% endfor %}{{ {ns.t: 1} "
        "}}",
        "{% set ns = namespace(t=()) %}{% for i in range(60) %}{% set ns.t = (ns.t, ns.t) %}{% endfor %}{{ [ns.t, "
        "1]|unique|list }}",
        "{% set ns = namespace(t=[0]) %}{% for i in range(60) %}{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ ns.t }}",
        "{% set ns = namespace(t=[0]) %}{% for i in range(60) %}{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ "
        "ns.t|tojson }}",
        "{% set ns = namespace(t=[0], u=[0]) %}{% for i in range(60) %}{% set ns.t = [ns.t, ns.t] %}{% set ns.u = "
        "[ns.u, ns.u] %}{% endfor %}{{ ns.t == ns.u }}",
        "{% set d = dict(range(99998)|map('string')|batch(2)) %}{% for i in range(999) %}{% set e = dict(**d) %}{% "
        "endfor %}",
        "{% for i in range(99999) %}{{ l|tojson(indent=1000) }}{% "
        "endfor %}",
        "{% for i in range(99999) %}{% set y = range(99999)[::-1]|list %}{% endfor %}",
        "{% set x = range(99999)|list %}{% for i in range(99999) %}{% set y = x[1:] %}{% endfor %}",
        "{% set x = range(99999)|list %}{% for i in range(99999) %}{% set y = x|reverse|list %}{% endfor %}"));

TEST(ChatTemplateBudgets, AreTheCallers) {
  const auto with = [](const chat::TemplateLimits& limits, const std::string& source) {
    return error_of([&] { chat::Template::compile(source, "t", limits).render(Value::object({})); }).message();
  };
  EXPECT_EQ(
      with({.steps = 10}, "{% for i in range(99) %}{% endfor %}"),
      "t, line 1: expected a template that is done within 10 steps, found that it goes on; pass less, or raise the "
      "limits if you trust the template");
  EXPECT_EQ(
      with({.output_bytes = 10}, "{{ 'abc' * 4 }}"),
      "t, line 1: expected texts of at most 10 bytes, found one of 11 bytes; pass less, or raise the limits if you "
      "trust the template");
  EXPECT_EQ(with({.list_length = 3}, "\n{{ range(4) }}"),
            "t, line 2: expected lists of at most 3 items, found one of 4 items; pass less, or raise the limits if you "
            "trust the template");
  EXPECT_EQ(
      with({.depth = 5}, "{{ ((((((1)))))) }}"),
      "t, line 1: expected nesting of at most 5 levels, found deeper nesting; pass less, or raise the limits if you "
      "trust the template");
  EXPECT_EQ(
      with({.source_bytes = 3}, "four"),
      "t: expected a template of at most 3 bytes, found one of 4 bytes; pass less, or raise the limits if you trust "
      "the template");
  EXPECT_EQ(with({}, "{{ 'abc' * 4 }}{{ range(4)|list }}"), "");
}

TEST(ChatTemplateStack, DeepNestingIsAnErrorAndNotAnOverflow) {
  constexpr std::size_t k_many = 60'000;
  const std::string deep[] = {
      "{{ " + times(k_many, "(") + "1" + times(k_many, ")") + " }}",
      "{{ " + times(k_many, "[") + times(k_many, "]") + " }}",
      "{{ " + times(k_many, "{1:") + "1" + times(k_many, "}") + " }}",
      "{{ " + times(k_many, "not ") + "1 }}",
      "{{ " + times(k_many, "-") + "1 }}",
      "{{ " + times(k_many, "l[") + "0" + times(k_many, "]") + " }}",
      "{{ " + times(k_many, "range(") + "1" + times(k_many, ")") + " }}",
      "{{ " + times(k_many, "1|default(") + "1" + times(k_many, ")") + " }}",
      "{{ " + times(k_many, "1 if 0 else ") + "1 }}",
      "{% set " + times(k_many, "(") + "a" + times(k_many, ")") + " = 1 %}",
      times(k_many, "{% if 1 %}") + times(k_many, "{% endif %}"),
      times(k_many, "{% for a in l %}") + times(k_many, "{% endfor %}"),
      times(k_many, "{% macro m() %}") + times(k_many, "{% endmacro %}"),
      times(k_many, "{% filter upper %}") + times(k_many, "{% endfilter %}"),
      times(k_many, "{% set x %}") + times(k_many, "{% endset %}"),
  };
  for (const std::string& source : deep) {
    on_small_stack([&] {
      const auto error = error_of([&] { chat::Template::compile(source, "t", {.source_bytes = source.size()}); });
      EXPECT_EQ(error.id, "chat.template_budget") << source.substr(0, 40) << " " << error.message();
    });
  }
}

TEST(ChatTemplateStack, LongChainsAreNoNesting) {
  constexpr std::size_t k_many = 20'000;
  const std::pair<std::string, std::string> chains[] = {
      {"{{ 1" + times(k_many, " + 1") + " }}", "20001"},
      {"{{ 'a'" + times(k_many, "|upper") + " }}", "A"},
      {"{{ d" + times(k_many, ".d") + " is defined }}", ""},
      {"{{ 'a'" + times(k_many, " ~ ''") + " }}", "a"},
      {"{{ 0" + times(k_many, " or 0") + " }}", "0"},
      {"{{ 1" + times(k_many, " == 1") + " }}", "True"},
      {"{{ 'a'" + times(k_many, ".lower()") + " }}", "a"},
      {"{{ 'a'" + times(k_many, " 'a'") + "|length }}", "20001"},
      {"{% if 0 %}" + times(k_many, "{% elif 0 %}") + "{% else %}x{% endif %}", "x"},
      {times(k_many, "{% if 1 %}{% endif %}"), ""},
  };
  for (const auto& [source, expected] : chains) {
    on_small_stack([&source = source, &expected = expected] {
      std::string text;
      const auto error = error_of([&] { text = render(source); });
      EXPECT_EQ(text, expected) << source.substr(0, 40) << " " << error.message();
    });
  }
}

TEST(ChatTemplateStack, WhatTheLimitsAllowFits) {
  const std::string json = times(99, "[") + "1" + times(99, "]");
  const std::pair<std::string, std::string> nested[] = {
      {"{{ " + times(45, "(") + "1" + times(45, ")") + " }}", "1"},
      {"{{ " + times(20, "(1 and (0 or ") + "1" + times(20, "))") + " }}", "1"},
      {times(95, "{% if 1 %}") + "x" + times(95, "{% endif %}"), "x"},
      {times(95, "{% for a in [1] %}") + "x" + times(95, "{% endfor %}"), "x"},
      {times(30, "{% macro m() %}") + "x" + times(30, "{% endmacro %}{{ m() }}"), "x"},
      {"{% macro f(n) %}{% if n > 0 %}{{ n % 10 }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(95)|length }}", "95"},
      {"{{ deep|tojson }}", json},
      {"{{ deep }}", json},
      {"{{ deep == deep2 }}{{ deep < deep2 }}{{ {'a': deep}|string|length }}", ""},
  };
  for (const auto& [source, expected] : nested) {
    on_small_stack([&source = source, &expected = expected, &json] {
      std::string text;
      const auto error = error_of([&] {
        text = render(source, {{"deep", Value::parse_json(json, Provenance::content)},
                               {"deep2", Value::parse_json(json, Provenance::content)}});
      });
      if (expected.empty()) return;  // the budget refuses one level more: it must only not overflow
      EXPECT_EQ(text, expected) << source.substr(0, 60) << " " << error.message();
    });
  }
}

}  // namespace
}  // namespace template_tests
