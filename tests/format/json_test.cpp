#include "eigenformer/format/json.hpp"

#include <gtest/gtest.h>

#include <clocale>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "eigenformer/format/json_events.hpp"
#include "eigenformer/format/json_writer.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/made_locale.hpp"
#include "tests/support/small_stack.hpp"

namespace {

using eigenformer_tests::error_of;
namespace format = eigenformer::format;

TEST(Json, ReadsWhatNlohmannReads) {
  const std::string text =
      R"({"a":[1,-2,3.5,1e-5,18446744073709551615,true,false,null,"\u00e9\ud83d\ude00"],"b":{"c":{},"d":[]},"":0.1})";
  EXPECT_EQ(format::parse_json(text, "x").dump(), nlohmann::json::parse(text).dump());
  EXPECT_EQ(format::parse_json(text, "x").escaped(), nlohmann::json::parse(text).dump(-1, ' ', true));
  EXPECT_EQ(format::parse_json("3", "x").integer(), 3);
}

TEST(Json, NumbersAreTheNearestDoubles) {
  for (const char* const number : {"0.1", "1e-5", "1e22", "123456789.123456789", "2.2250738585072014e-308", "5e-324",
                                   "1.7976931348623157e308", "-0.0", "1E+2", "100000000000000000000000"}) {
    EXPECT_EQ(format::parse_json(number, "x").number(), nlohmann::json::parse(number).get<double>()) << number;
  }
  EXPECT_EQ(format::parse_json("1e-400", "x").number(), 0.0);
  EXPECT_EQ(eigenformer_tests::error_id_of([] { format::parse_json("1e400", "x"); }), "format.json_syntax");
}

TEST(Json, NumbersKeepTheirPointWhereTheLocaleHasAComma) {
  // nlohmann hands the text over with the locale's decimal character
  EXPECT_EQ(format::json_number("0,1"), 0.1);
  EXPECT_EQ(format::json_number("-12,5e-3"), -0.0125);
  const eigenformer_tests::MadeLocale locale(",");
  if (!locale.is_set()) GTEST_SKIP() << "this C library takes no locale that is made here";
  EXPECT_EQ(format::parse_json(R"([0.1, 2.5e3])", "x").dump(), "[0.1,2500.0]");
  EXPECT_STREQ(std::localeconv()->decimal_point, ",") << "the host's locale is as it was";
}

TEST(Json, NumbersKeepTheirPointWhereTheLocalesMarkHasTwoBytes) {
  const eigenformer_tests::MadeLocale locale("\xD9\xAB");  // U+066B, as in Pashto
  if (!locale.is_set()) GTEST_SKIP() << "this C library takes no locale that is made here";
  const format::Json value = format::parse_json(R"([0.1, 2.5e3, -1.5e-400])", "x");
  EXPECT_EQ(value.elements()[0].number(), 0.1);
  EXPECT_EQ(value.elements()[1].number(), 2500.0);
  EXPECT_EQ(value.elements()[2].number(), 0.0);
  // nlohmann tells such numbers by strtod, which knows the locale's mark alone
  EXPECT_EQ(eigenformer_tests::error_id_of([] { format::parse_json("1.5e400", "x"); }), "format.json_syntax");
  EXPECT_EQ(std::strtod("1\xD9\xAB"
                        "5",
                        nullptr),
            1.5)
      << "the host's locale is as it was";
}

TEST(Json, WholeNumbersStopAtTheLargestWithSign) {
  const format::Json value =
      format::parse_json("[-9223372036854775808, 9223372036854775807, 18446744073709551615]", "x");
  EXPECT_EQ(value.elements()[0].integer(), INT64_MIN);
  EXPECT_EQ(value.elements()[1].integer(), INT64_MAX);
  EXPECT_FALSE(value.elements()[1].exceeds_int64());
  EXPECT_EQ(value.elements()[2].integer(), INT64_MAX);
  EXPECT_TRUE(value.elements()[2].exceeds_int64());
  EXPECT_EQ(value.elements()[2].number(), 18446744073709551615.0);
}

TEST(Json, WhatIsNotThereIsNull) {
  EXPECT_TRUE(format::parse_json_or_null("{").is_null());
  EXPECT_TRUE(format::parse_json_or_null(R"({"a":1,"a":2})").is_null());
  const format::Json value = format::parse_json_or_null(R"({"a":[]})");
  EXPECT_EQ(value.find("b"), nullptr);
  EXPECT_EQ(value.find("a")->find("a"), nullptr) << "a list has no members";
  EXPECT_TRUE(value.find("a")->is_empty());
  EXPECT_TRUE(value.elements().empty()) << "an object has no elements";
}

TEST(JsonWriter, WritesOnOneLineOrMany) {
  const auto written = [](format::JsonStyle style) {
    format::JsonWriter writer(style);
    writer.begin_object();
    writer.key("a\n");
    writer.begin_array();
    writer.integer(-1);
    writer.unsigned_integer(UINT64_MAX);
    writer.end_array();
    writer.key("b");
    writer.begin_object();
    writer.end_object();
    writer.key("c");
    writer.text("\xC3\xA9\xFF");
    writer.end_object();
    return writer.take();
  };
  const nlohmann::json same = {{"a\n", {-1, UINT64_MAX}}, {"b", nlohmann::json::object()}, {"c", "\xC3\xA9\xFF"}};
  constexpr auto k_replace = nlohmann::json::error_handler_t::replace;
  EXPECT_EQ(written({}), same.dump(-1, ' ', false, k_replace));
  EXPECT_EQ(written({.ascii = true}), same.dump(-1, ' ', true, k_replace));
  EXPECT_EQ(written({.indent = 2}), same.dump(2, ' ', false, k_replace));
}

TEST(Json, SyntaxErrorsNameTheByte) {
  EXPECT_EQ(
      error_of([] { format::parse_json(R"({"a": tru})", "c.json"); }),
      "format.json_syntax: c.json, byte 10: expected well-formed JSON in UTF-8, found \"\"a\": tru}\"; download the "
      "file again, or correct it there");
  for (const char* const text :
       {"",      " ",        "{",        "[1,",     "[1,]",        "{\"a\"}",      "{\"a\":1,}", "nul",
        "[1] 2", "\"\xFF\"", "\"\xC3\"", "NaN",     "[Infinity]",  "'a'",          "01",         "+1",
        ".5",    "1.",       "\"\n\"",   "\"\\x\"", "\"\\ud800\"", "// comment\n1"}) {
    EXPECT_EQ(eigenformer_tests::error_id_of([&] { format::parse_json(text, "x"); }), "format.json_syntax") << text;
  }
}

TEST(Json, KeysTwiceAreErrors) {
  EXPECT_EQ(
      error_of([] { format::parse_json(R"({"a":{"b":1,"c":2,"b":3}})", "c.json"); }),
      "format.json_key_twice: c.json: expected each key of an object once, found \"b\" twice; remove one of the two");
}

TEST(Json, DepthIsBounded) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(error_of([&] { format::parse_json(nested(64), "x"); }), "no error");
  EXPECT_EQ(error_of([&] { format::parse_json(nested(65), "c.json"); }),
            "format.json_depth: c.json: expected JSON nested at most 64 deep, found deeper nesting; check that this is "
            "the file "
            "you meant");
  EXPECT_EQ(eigenformer_tests::error_id_of([&] { format::parse_json(std::string(3'000'000, '['), "x"); }),
            "format.json_depth");
}

TEST(Json, SizeIsBounded) {
  EXPECT_EQ(
      error_of([] { format::parse_json("[1, 2]", "c.json", {.bytes = 5}); }),
      "format.json_size: c.json: expected JSON of at most 5 bytes, found 6; check that this is the file you meant");
  std::string many = "[0";
  for (int i = 0; i < (1 << 18); ++i) many += ",0";
  EXPECT_EQ(error_of([&] { format::parse_json(many + "]", "c.json"); }),
            "format.json_size: c.json: expected JSON of at most 262144 values, found more; check that this is the file "
            "you meant");
}

TEST(Json, WorksOnASmallStack) {
  std::string text = "0";
  for (int i = 0; i < 32; ++i) text = R"({"k":[)" + text + "]}";
  eigenformer_tests::on_small_stack(256 * 1024, [&] { EXPECT_FALSE(format::parse_json(text, "x").dump().empty()); });
}

}  // namespace
