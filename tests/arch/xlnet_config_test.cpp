// What XLNet's config.json may say, and what is refused because it would change the results.
#include <gtest/gtest.h>

#include <string>

#include "eigenformer/arch/xlnet.hpp"
#include "tests/support/errors.hpp"

namespace eigenformer {
namespace {

using arch::xlnet::Config;

Config read(const std::string& json) { return Config::read(format::config_from_json(json, "config.json")); }

std::string error_of(const std::string& json) {
  return eigenformer_tests::error_of([&] { read(json); });
}

TEST(XlnetConfig, HasTheDefaultsOfTransformers) {
  const Config config = read("{}");
  EXPECT_EQ(config.d_model, 1024U);
  EXPECT_EQ(config.head_dim(), 64U);
  EXPECT_EQ(config.rules().memory_length, 512U);
  EXPECT_EQ(config.rules().reused_of_segment, 0U);
  EXPECT_FALSE(config.is_causal);
}

TEST(XlnetConfig, TakesNullForAMemoryOfEverything) {
  EXPECT_EQ(read(R"({"mem_len": null})").rules().memory_length, 0U);
  EXPECT_EQ(read(R"({"mem_len": 0})").rules().memory_length, 0U);
  EXPECT_EQ(read(R"({"mem_len": 7, "reuse_len": 3})").rules().memory_length, 7U);
  EXPECT_EQ(read(R"({"mem_len": 7, "reuse_len": 3})").rules().reused_of_segment, 3U);
}

TEST(XlnetConfig, RefusesWhatItDoesNotCompute) {
  EXPECT_EQ(error_of(R"({"bi_data": true})"),
            "config.value: config.json, key bi_data: expected false, found true; texts are not read backwards here");
  for (const char* json : {R"({"attn_type": "both"})", R"({"d_head": 32})", R"({"d_model": 1001})",
                           R"({"d_model": 33, "n_head": 3, "d_head": 11})"}) {
    EXPECT_TRUE(error_of(json).starts_with("config.value: ")) << json << ": " << error_of(json);
  }
}

}  // namespace
}  // namespace eigenformer
