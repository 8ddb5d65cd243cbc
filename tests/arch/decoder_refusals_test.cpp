// Configs of Llama's relatives that ask for what is not computed here are refused by name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/arch/changed_config.hpp"

using eigenformer_tests::error_with;
using nlohmann::json;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

TEST(DecoderRefusals, KeysThatNobodyKnows) {
  for (const char* model : {"mistral/window", "qwen2/hub", "qwen3/hub", "gemma3/hub"}) {
    EXPECT_THAT(error_with(model, "attention_chunk_size", 8),
                AllOf(StartsWith("config.unknown_key: "), HasSubstr("key attention_chunk_size: ")))
        << model;
    EXPECT_THAT(error_with(model, "rope_scaling", {{"rope_type", "linear"}, {"factor", 2.0}, {"finetuned", true}}),
                AllOf(StartsWith("config.unknown_key: "), HasSubstr("key rope_scaling.finetuned: ")))
        << model;
  }
}

TEST(DecoderRefusals, LayerTypesThatDoNotFit) {
  for (const char* model : {"qwen2/window", "qwen3/window", "gemma3/hub"}) {
    EXPECT_THAT(error_with(model, "layer_types", {"full_attention"}),
                AllOf(StartsWith("config.value: "), HasSubstr("key layer_types: expected one type for each of the "),
                      EndsWith("found [\"full_attention\"]; check the config")))
        << model;
  }
  EXPECT_THAT(error_with("qwen3/window", "layer_types", {"full_attention", "chunked_attention"}),
              AllOf(StartsWith("config.value: "),
                    HasSubstr("key layer_types: expected full_attention and sliding_attention only, found "),
                    EndsWith("use a checkpoint whose layers are of these types")));
}

TEST(DecoderRefusals, LayersThatSlideWithoutAWindow) {
  const json types = {"full_attention", "sliding_attention"};
  for (const char* model : {"qwen2/hub", "qwen3/hub"}) {
    EXPECT_THAT(error_with(model, "layer_types", types),
                AllOf(StartsWith("config.value: "),
                      HasSubstr("key layer_types: expected full_attention only, for the config gives no window"),
                      EndsWith("give sliding_window, and use_sliding_window where the architecture has it")))
        << model;
  }
  EXPECT_THAT(error_with("gemma3/capped", "sliding_window", nullptr), HasSubstr("for the config gives no window"));
  EXPECT_THAT(error_with("mistral/window", "sliding_window", 0),
              AllOf(StartsWith("config.range: "), HasSubstr("key sliding_window: ")));
}

TEST(DecoderRefusals, HeadsThatCannotBeCut) {
  for (const char* model : {"mistral/window", "qwen2/hub", "qwen3/hub", "gemma3/hub"}) {
    EXPECT_THAT(error_with(model, "num_key_value_heads", 5),
                AllOf(StartsWith("config.value: "),
                      EndsWith("key num_key_value_heads: expected a divisor of num_attention_heads, found 5; check the "
                               "config")))
        << model;
    EXPECT_THAT(error_with(model, "head_dim", 7),
                AllOf(StartsWith("config.value: "),
                      EndsWith("key head_dim: expected an even number, for positions rotate pairs, found 7; check the "
                               "config")))
        << model;
  }
}

TEST(DecoderRefusals, ActivationsThatAreNotComputed) {
  for (const char* model : {"mistral/window", "qwen2/hub", "qwen3/hub"}) {
    EXPECT_THAT(error_with(model, "hidden_act", "gelu"),
                AllOf(StartsWith("config.value: "), HasSubstr("key hidden_act: expected \"silu\", found \"gelu\"")))
        << model;
  }
  EXPECT_THAT(error_with("gemma3/hub", "hidden_activation", "softplus"),
              AllOf(StartsWith("config.value: "), HasSubstr("key hidden_activation: expected one of gelu, ")));
}

TEST(DecoderRefusals, TokensThatSeeThoseBehindThem) {
  EXPECT_THAT(error_with("gemma3/hub", "use_bidirectional_attention", true),
              AllOf(StartsWith("config.value: "),
                    EndsWith("key use_bidirectional_attention: expected false, found true; this architecture's tokens "
                             "see those before them")));
}

TEST(DecoderRefusals, LocalFrequenciesThatDependOnTheLength) {
  const json parameters = {{"full_attention", {{"rope_type", "default"}}},
                           {"sliding_attention", {{"rope_type", "dynamic"}, {"factor", 2.0}}}};
  EXPECT_THAT(error_with("gemma3/rope_parameters", "rope_parameters", parameters),
              AllOf(StartsWith("config.value: "),
                    HasSubstr("key rope_parameters.sliding_attention.rope_type: expected a scaling by which "
                              "frequencies are the same for all lengths, found \"dynamic\"")));
}

TEST(DecoderRefusals, BiasesAndNormsThatTheFileLacks) {
  EXPECT_THAT(error_with("qwen3/hub", "attention_bias", true),
              AllOf(StartsWith("weight.missing: "), HasSubstr("self_attn.q_proj.bias")));
  EXPECT_THAT(error_with("qwen3/hub", "architectures", {"Qwen2ForCausalLM"}), StartsWith("weight."));
  EXPECT_THAT(error_with("qwen2/hub", "architectures", {"MistralForCausalLM"}), StartsWith("config.unknown_key"));
}

TEST(DecoderRefusals, KeysThatTheReferenceReadsAndDoesNotUse) {
  EXPECT_EQ(error_with("gemma3/hub", "attn_logit_softcapping", 50.0), "no error");
}

}  // namespace
