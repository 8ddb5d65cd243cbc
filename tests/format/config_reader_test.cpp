#include "eigenformer/format/config_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "eigenformer/format/gguf.hpp"
#include "tests/format/builders.hpp"
#include "tests/support/errors.hpp"

namespace {

using eigenformer_tests::error_id_of;
using eigenformer_tests::error_of;
namespace format = eigenformer::format;
using format::UnknownKeys;

format::ConfigReader reader(std::string_view text) { return format::config_from_json(text, "config.json"); }

TEST(ConfigReader, ReadsEveryType) {
  const auto config = reader(R"({"hidden_size": 64, "eps": 1e-5, "theta": 10000, "bias": true, "act": "silu",
                                 "layers": [1, 2], "factors": [0.5, 2], "names": ["a", "b"]})");
  EXPECT_EQ(config.integer("hidden_size", format::k_size_range), 64);
  EXPECT_EQ(config.number("eps"), 1e-5);
  EXPECT_EQ(config.number("theta", format::k_positive), 10000.0);
  EXPECT_TRUE(config.flag("bias"));
  EXPECT_EQ(config.text("act"), "silu");
  EXPECT_EQ(config.integers("layers", {0, 9}), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(config.numbers("factors"), (std::vector<double>{0.5, 2}));
  EXPECT_EQ(config.texts("names"), (std::vector<std::string>{"a", "b"}));
  config.finish(UnknownKeys::refuse);
  EXPECT_TRUE(config.reports().empty());
}

TEST(ConfigReader, AbsentAndNullTakeTheDefault) {
  const auto config = reader(R"({"n": null, "x": null, "f": null, "t": null, "l": null})");
  for (const char* const suffix : {"", "_absent"}) {
    const auto key = [&](const char* name) { return std::string(name) + suffix; };
    EXPECT_EQ(config.integer_or(key("n"), 7, {0, 9}), 7);
    EXPECT_EQ(config.optional_integer(key("n"), {0, 9}), std::nullopt);
    EXPECT_EQ(config.number_or(key("x"), 0.5), 0.5);
    EXPECT_EQ(config.optional_number(key("x")), std::nullopt);
    EXPECT_TRUE(config.flag_or(key("f"), true));
    EXPECT_EQ(config.text_or(key("t"), "gelu"), "gelu");
    EXPECT_EQ(config.integers_or(key("l"), {3}, {0, 9}), (std::vector<std::int64_t>{3}));
    EXPECT_EQ(config.numbers_or(key("l"), {3}), (std::vector<double>{3}));
    EXPECT_EQ(config.texts_or(key("l"), {"c"}), (std::vector<std::string>{"c"}));
    EXPECT_FALSE(config.has(key("n")));
  }
  EXPECT_TRUE(config.keys().empty());
}

TEST(ConfigReader, TellsNullFromAbsent) {
  const auto config = reader(R"({"null": null, "zero": 0, "object": {"null": null}})");
  EXPECT_TRUE(config.is_null("null"));
  EXPECT_FALSE(config.is_null("zero"));
  EXPECT_FALSE(config.is_null("absent"));
  EXPECT_TRUE(config.object("object").is_null("null"));
  EXPECT_FALSE(config.object("absent_object").is_null("null"));
  config.finish(UnknownKeys::refuse);  // asking counts as reading
}

TEST(ConfigReader, MissingKeysAreErrors) {
  const auto config = reader(R"({"n": null})");
  const std::string end = ", found no such key; use the config that was published with these weights";
  EXPECT_EQ(error_of([&] {
              config.integer("n", {1, 9});
            }),
            "config.missing: config.json, key n: expected a whole number from 1 to 9" + end);
  EXPECT_EQ(error_of([&] { config.number("x", format::k_positive); }),
            "config.missing: config.json, key x: expected a number above 0" + end);
  EXPECT_EQ(error_of([&] { config.flag("f"); }), "config.missing: config.json, key f: expected true or false" + end);
  EXPECT_EQ(error_of([&] { config.text("t"); }), "config.missing: config.json, key t: expected a text" + end);
  EXPECT_EQ(error_of([&] {
              config.object("o").integer("n", {0, 1});
            }),
            "config.missing: config.json, key o.n: expected a whole number from 0 to 1" + end);
  EXPECT_EQ(error_id_of([&] { config.integers("l", {0, 1}); }), "config.missing");
  EXPECT_EQ(error_id_of([&] { config.numbers("l"); }), "config.missing");
  EXPECT_EQ(error_id_of([&] { config.texts("l"); }), "config.missing");
}

TEST(ConfigReader, WrongTypesAreErrors) {
  const auto config = reader(R"({"t": "64", "x": 64.0, "o": {}, "b": 1, "l": [1, "2"]})");
  const std::string end = "; correct the value, or use the config that was published with these weights";
  EXPECT_EQ(error_of([&] {
              config.integer("t", {1, 99});
            }),
            "config.type: config.json, key t: expected a whole number from 1 to 99, found \"64\"" + end);
  EXPECT_EQ(error_of([&] {
              config.integer_or("x", 1, {1, 99});
            }),
            "config.type: config.json, key x: expected a whole number from 1 to 99, found 64.0" + end);
  EXPECT_EQ(error_of([&] { config.number("o"); }),
            "config.type: config.json, key o: expected a number, found {}" + end);
  EXPECT_EQ(error_of([&] { config.flag("b"); }),
            "config.type: config.json, key b: expected true or false, found 1" + end);
  EXPECT_EQ(error_of([&] { config.text("b"); }), "config.type: config.json, key b: expected a text, found 1" + end);
  EXPECT_EQ(error_of([&] { config.object("b"); }),
            "config.type: config.json, key b: expected an object, found 1" + end);
  EXPECT_EQ(error_of([&] {
              config.integers("b", {0, 9});
            }),
            "config.type: config.json, key b: expected a list of whole numbers, found 1" + end);
  EXPECT_EQ(error_of([&] {
              config.integers("l", {0, 9});
            }),
            "config.type: config.json, key l: expected a whole number from 0 to 9, found \"2\"" + end);
}

TEST(ConfigReader, RangesHaveTwoEnds) {
  const auto config = reader(R"({"zero": 0, "one": 1, "nine": 9, "ten": 10, "huge": 9223372036854775808,
                                 "least": -9223372036854775808, "half": 0.5, "minus": -0.5})");
  const std::string end = "; correct the value, or use the config that was published with these weights";
  EXPECT_EQ(config.integer("one", {1, 9}), 1);
  EXPECT_EQ(config.integer("nine", {1, 9}), 9);
  EXPECT_EQ(error_of([&] {
              config.integer("zero", {1, 9});
            }),
            "config.range: config.json, key zero: expected a whole number from 1 to 9, found 0" + end);
  EXPECT_EQ(error_id_of([&] { config.integer("ten", {1, 9}); }), "config.range");
  EXPECT_EQ(error_of([&] {
              config.integer("huge", {0, std::numeric_limits<std::int64_t>::max()});
            }),
            "config.range: config.json, key huge: expected a whole number from 0 to 9223372036854775807, found "
            "9223372036854775808" +
                end);
  EXPECT_EQ(config.integer("least", {std::numeric_limits<std::int64_t>::min(), 0}),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(config.number("half", {0.5, 0.5}), 0.5);
  EXPECT_EQ(error_of([&] {
              config.number("half", {0.75, 1});
            }),
            "config.range: config.json, key half: expected a number from 0.75 to 1, found 0.5" + end);
  EXPECT_EQ(error_of([&] { config.number("zero", format::k_positive); }),
            "config.range: config.json, key zero: expected a number above 0, found 0" + end);
  EXPECT_EQ(error_of([&] { config.number("minus", {0.0}); }),
            "config.range: config.json, key minus: expected a number of at least 0, found -0.5" + end);
}

TEST(ConfigReader, MustEqualTakesOneValueOrNone) {
  const auto config = reader(R"({"act": "gelu", "bias": true, "group": 2, "scale": 0.5, "empty": null})");
  config.must_equal("act", "gelu", "x");
  config.must_equal("bias", true, "x");
  config.must_equal("group", 2, "x");
  config.must_equal_number("scale", 0.5, "x");
  config.must_equal("absent", 3, "x");
  config.must_equal("empty", "silu", "x");
  config.must_be_one_of("act", {"relu", "gelu"}, "x");
  EXPECT_EQ(
      error_of([&] { config.must_equal("act", "silu", "this feed-forward is gated by silu"); }),
      "config.value: config.json, key act: expected \"silu\", found \"gelu\"; this feed-forward is gated by silu");
  EXPECT_EQ(error_of([&] { config.must_equal("bias", false, "why"); }),
            "config.value: config.json, key bias: expected false, found true; why");
  EXPECT_EQ(error_of([&] { config.must_equal("group", 1, "why"); }),
            "config.value: config.json, key group: expected 1, found 2; why");
  EXPECT_EQ(error_of([&] { config.must_equal_number("scale", 1.0, "why"); }),
            "config.value: config.json, key scale: expected 1, found 0.5; why");
  EXPECT_EQ(error_of([&] {
              config.must_be_one_of("act", {"relu", "silu"}, "why");
            }),
            "config.value: config.json, key act: expected \"relu\" or \"silu\", found \"gelu\"; why");
  EXPECT_EQ(error_of([&] { config.refuse("group", "a divisor of 3", "check the config"); }),
            "config.value: config.json, key group: expected a divisor of 3, found 2; check the config");
  EXPECT_EQ(error_id_of([&] { config.must_equal("group", true, "why"); }), "config.value");
  EXPECT_EQ(error_id_of([&] { config.must_equal("bias", 1, "why"); }), "config.value");
}

TEST(ConfigReader, UnknownKeysAreErrorsOrReports) {
  const std::string text = R"({"hidden_size": 64, "sliding_window": 128})";
  const auto strict = reader(text);
  strict.integer("hidden_size", format::k_size_range);
  EXPECT_EQ(error_of([&] { strict.finish(UnknownKeys::refuse); }),
            "config.unknown_key: config.json, key sliding_window: expected only keys that this architecture knows, "
            "found 128; "
            "remove the key if it changes nothing, or load with {.unknown_keys = report}");
  const auto lenient = reader(text);
  lenient.integer("hidden_size", format::k_size_range);
  lenient.finish(UnknownKeys::report);
  EXPECT_THAT(lenient.reports(),
              testing::ElementsAre("config.json, key sliding_window: unknown to this architecture, passed over"));
  strict.ignore({"sliding_window"});
  strict.finish(UnknownKeys::refuse);
}

TEST(ConfigReader, KeysOfObjectsAreStrictToo) {
  const auto config = reader(R"({"rope_scaling": {"type": "linear", "factor": 2.0, "beta": 3}, "other": {"a": 1}})");
  const auto rope = config.object("rope_scaling");
  EXPECT_EQ(rope.text("type"), "linear");
  EXPECT_EQ(rope.number("factor"), 2.0);
  EXPECT_THAT(rope.keys(), testing::ElementsAre("beta", "factor", "type"));
  EXPECT_EQ(error_of([&] { config.finish(UnknownKeys::refuse); }),
            "config.unknown_key: config.json, key other: expected only keys that this architecture knows, found "
            "{\"a\":1}; remove "
            "the key if it changes nothing, or load with {.unknown_keys = report}");
  config.ignore({"other"});
  EXPECT_EQ(error_of([&] { config.finish(UnknownKeys::refuse); }),
            "config.unknown_key: config.json, key rope_scaling.beta: expected only keys that this architecture knows, "
            "found 3; "
            "remove the key if it changes nothing, or load with {.unknown_keys = report}");
  EXPECT_EQ(rope.integer("beta", {0, 9}), 3);
  config.finish(UnknownKeys::refuse);
  EXPECT_FALSE(config.object("absent").has("a"));
}

TEST(ConfigReader, WhatIsSetToNothingAndTheBaseConfigPass) {
  const auto config =
      reader(R"({"a": null, "b": false, "c": "", "d": [], "e": {}, "torch_dtype": "bfloat16", "temperature": 0.7,
      "id2label": {"0": "x"}, "attention_dropout": 0.1, "initializer_range": 0.02, "transformers_version": "4.1",
      "is_decoder": false, "quantization_config": null})");
  config.finish(UnknownKeys::refuse);
  EXPECT_TRUE(config.reports().empty());
  for (const char* const text :
       {R"({"is_decoder": true})", R"({"add_cross_attention": true})", R"({"pruned_heads": {"0": [1]}})",
        R"({"quantization_config": {"bits": 4}})", R"({"a": 0})", R"({"x": {"torch_dtype": 1}})"}) {
    EXPECT_EQ(error_id_of([&] { reader(text).finish(UnknownKeys::refuse); }), "config.unknown_key") << text;
  }
  // the base config's keys are harmless at the root only
  const auto nested = reader(R"({"x": {"torch_dtype": "float16"}})");
  nested.object("x");
  EXPECT_EQ(error_id_of([&] { nested.finish(UnknownKeys::refuse); }), "config.unknown_key");
}

TEST(ConfigReader, CodeIsNeverRunAndSaidSo) {
  const auto config = reader(R"({"auto_map": {"AutoModel": "modeling.Evil"}})");
  config.finish(UnknownKeys::refuse);
  EXPECT_THAT(config.reports(),
              testing::ElementsAre("config.json, key auto_map: a reference to code, which is never run"));
}

TEST(ConfigReader, NeedsAnObject) {
  EXPECT_EQ(error_of([] { reader("[1]"); }),
            "format.config_object: config.json: expected a JSON object of config keys, found [1]; give the config.json "
            "that was "
            "published with these weights");
  EXPECT_EQ(error_id_of([] { reader("{\"a\": 1"); }), "format.json_syntax");
  EXPECT_EQ(error_id_of([] { reader(R"({"a": 1, "a": 2})"); }), "format.json_key_twice");
  EXPECT_EQ(error_id_of([] { format::config_from_json_file(std::filesystem::path("no/such"), "config.json"); }),
            "system.file_open");
}

TEST(ConfigReader, EveryPrefixOfAConfigIsAnError) {
  const std::string text = R"({"hidden_size": 64, "rope_scaling": {"factor": [1.5e0, true]}, "act": "s\u00e9"})";
  for (std::size_t length = 0; length < text.size(); ++length) {
    ASSERT_EQ(error_id_of([&] { reader(text.substr(0, length)); }), "format.json_syntax") << length;
  }
}

format::GgufKeyMap key_map() {
  return {.keys = {{"tiny.block_count", "num_hidden_layers"},
                   {"tiny.epsilon", "rms_norm_eps"},
                   {"tiny.rope.factor", "rope_scaling.factor"},
                   {"scores", "factors"},
                   {"types", "types"},
                   {"tokens", "names"},
                   {"flag", "bias"}},
          .ignorable_patterns = {"general.*", "u*", "i*", "f64"}};
}

TEST(ConfigFromGguf, GoesThroughTheSameReader) {
  auto builder = eigenformer_tests::valid_gguf();
  builder.value("tiny.rope.factor", 6, 2.5F);
  const auto file = format::open_gguf(eigenformer_tests::source_of(builder.build(), "tiny.gguf"));
  const auto config = format::config_from_gguf(*file, key_map());
  EXPECT_EQ(config.integer("num_hidden_layers", format::k_layer_count_range), 2);
  EXPECT_EQ(config.number("rms_norm_eps"), 0.5);
  EXPECT_EQ(config.object("rope_scaling").number("factor"), 2.5);
  EXPECT_EQ(config.numbers("factors"), (std::vector<double>{0.5, -1}));
  EXPECT_EQ(config.integers("types", {-9, 9}), (std::vector<std::int64_t>{1, -2, 3}));
  EXPECT_EQ(config.texts("names"), (std::vector<std::string>{"a", "", "\xE4\xBD\xA0"}));
  EXPECT_TRUE(config.flag("bias"));
  config.finish(UnknownKeys::refuse);
  EXPECT_EQ(error_of([&] {
              config.integer("num_hidden_layers", {3, 9});
            }),
            "config.range: tiny.gguf, key tiny.block_count (num_hidden_layers): expected a whole number from 3 to 9, "
            "found 2; "
            "correct the value, or use the config that was published with these weights");
  EXPECT_EQ(error_of([&] {
              config.integer("hidden_size", {3, 9});
            }),
            "config.missing: tiny.gguf, key hidden_size: expected a whole number from 3 to 9, found no such key; use "
            "the config "
            "that was published with these weights");
}

TEST(ConfigFromGguf, UnmappedKeysAreUnknownWhateverTheirName) {
  auto builder = eigenformer_tests::valid_gguf();
  builder.value("hidden_size", 4, std::uint32_t{64}).value("rope_scaling", 4, std::uint32_t{1});
  builder.value("tiny.rope.factor", 6, 2.5F).texts("tiny.list", {"a"}).texts("tiny.nothing", {});
  const auto file = format::open_gguf(eigenformer_tests::source_of(builder.build(), "tiny.gguf"));
  const auto config = format::config_from_gguf(*file, key_map());
  EXPECT_FALSE(config.has("hidden_size"));
  config.ignore({"num_hidden_layers", "rms_norm_eps", "rope_scaling", "factors", "types", "names", "bias"});
  EXPECT_EQ(error_of([&] { config.finish(UnknownKeys::refuse); }),
            "config.unknown_key: tiny.gguf, key hidden_size: expected only keys that this architecture knows, found "
            "64; remove "
            "the key if it changes nothing, or load with {.unknown_keys = report}");
  config.finish(UnknownKeys::report);
  EXPECT_EQ(config.reports().size(), 3U);
}

TEST(ConfigFromGguf, NumbersThatAreNoneAndLongListsAreErrors) {
  eigenformer_tests::GgufBuilder builder;
  builder.value("tiny.epsilon", 6, std::numeric_limits<float>::quiet_NaN());
  const auto file = format::open_gguf(eigenformer_tests::source_of(builder.build()));
  EXPECT_EQ(error_id_of([&] { format::config_from_gguf(*file, key_map()).number("rms_norm_eps"); }), "config.range");
  eigenformer_tests::GgufBuilder list;
  list.array("types", 0, std::vector<std::uint8_t>(70'000));
  const auto long_list = format::open_gguf(eigenformer_tests::source_of(list.build(), "tiny.gguf"));
  EXPECT_EQ(error_of([&] { format::config_from_gguf(*long_list, key_map()); }),
            "config.type: tiny.gguf, key types: expected a number, a text, a flag or a list of at most 65536, found an "
            "array of "
            "70000 u8; correct the value, or use the config that was published with these weights");
}

}  // namespace
