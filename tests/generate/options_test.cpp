// Options read as from a generation_config.json, end to end: what Hugging Face transformers' generate() makes of them
// (options.json, which options_recipe.py has recorded).
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "eigenformer/generate.hpp"
#include "tests/generate/recorded.hpp"
#include "tests/support/copy_into.hpp"
#include "tests/support/source_folder.hpp"

namespace {

namespace ef = eigenformer;
using eigenformer_tests::k_source;
using nlohmann::json;
using Ids = std::vector<ef::TokenId>;

Ids ids_by(const ef::Model& model, const Ids& prompt, json object) {
  const Ids negative = object.value("negative_prompt_ids", Ids{});  // no key of a file
  object.erase("negative_prompt_ids");
  ef::GenerateOptions options = ef::generation_options(model, {object.dump()});
  options.unconditional_prompt = negative;
  return ef::generate(model, prompt, options).at(0).ids;
}

TEST(Options, MakeTheTokensOfTransformers) {
  const json record = eigenformer_tests::recorded("options.json");
  std::map<std::string, ef::Model> models;
  std::set<std::string> options;
  for (const json& entry : record.at("cases")) {
    const std::string name = entry.at("model");
    SCOPED_TRACE(name + " " + entry.at("options").dump());
    if (!models.contains(name)) {
      models.emplace(name, eigenformer_tests::load_golden(name));
    }
    const ef::Model& model = models.at(name);
    const json& without = entry.at("without");
    EXPECT_EQ(ids_by(model, entry.at("prompt"), entry.at("options")), entry.at("ids").get<Ids>());
    EXPECT_EQ(ids_by(model, entry.at("prompt"), without.at("options")), without.at("ids").get<Ids>());
    EXPECT_NE(entry.at("ids"), without.at("ids"));
    options.insert(entry.at("option"));
  }
  EXPECT_EQ(options, (std::set<std::string>{"bad_words_ids",
                                            "begin_suppress_tokens",
                                            "decoder_start_token_id",
                                            "encoder_no_repeat_ngram_size",
                                            "encoder_repetition_penalty",
                                            "eos_token_id",
                                            "exponential_decay_length_penalty",
                                            "forced_bos_token_id",
                                            "forced_eos_token_id",
                                            "guidance_scale",
                                            "max_length",
                                            "max_new_tokens",
                                            "min_length",
                                            "min_new_tokens",
                                            "negative_prompt_ids",
                                            "no_repeat_ngram_size",
                                            "repetition_penalty",
                                            "sequence_bias",
                                            "stop_strings",
                                            "suppress_tokens",
                                            "typical_p"}));
}

class GenerationConfig : public testing::Test {
 protected:
  ef::GenerateOptions read(const std::string& text) const { return ef::generation_options(model_, {text, "F"}); }
  std::string refusal(const std::string& text) const {
    const auto result = ef::try_generation_options(model_, {text, "F"});
    return result.ok() ? "no error" : result.error().line();
  }

  ef::Model model_ = ef::load(k_source / "tests/golden/gpt2/hub");
};

TEST_F(GenerationConfig, HasTransformersDefaultsWhereTokensAreDrawn) {
  EXPECT_EQ(read("{}").temperature, 0);
  EXPECT_EQ(read("{}").top_k, 0U);
  EXPECT_EQ(read(R"({"temperature": 0.5, "top_k": 7})").temperature, 0);  // do_sample says whether
  EXPECT_EQ(read(R"({"temperature": 0.5, "top_k": 7})").top_k, 7U);       // counts for a host that sets a temperature
  const ef::GenerateOptions drawn = read(R"({"do_sample": true})");
  EXPECT_EQ(drawn.temperature, 1);
  EXPECT_EQ(drawn.top_k, 50U);
  EXPECT_EQ(drawn.top_p, 1);
  const ef::GenerateOptions named = read(R"({"do_sample": true, "temperature": 0.5, "top_k": 0, "min_p": 0.1})");
  EXPECT_EQ(named.temperature, 0.5);
  EXPECT_EQ(named.top_k, 0U);
  EXPECT_EQ(named.min_p, 0.1);
}

TEST_F(GenerationConfig, ReadsEachKey) {
  const ef::GenerateOptions options = read(R"({
      "do_sample": true, "top_p": 0.9, "top_h": 0.4, "typical_p": 0.7, "epsilon_cutoff": 0.01, "eta_cutoff": 0.02,
      "renormalize_logits": true, "num_return_sequences": 3, "stop_strings": "end", "eos_token_id": 5})");
  EXPECT_EQ(options.top_p, 0.9);
  EXPECT_EQ(options.top_h, 0.4);
  EXPECT_EQ(options.typical_p, 0.7);
  EXPECT_EQ(options.epsilon_cutoff, 0.01);
  EXPECT_EQ(options.eta_cutoff, 0.02);
  EXPECT_TRUE(options.renormalize_logits);
  EXPECT_EQ(options.num_return_sequences, 3U);
  EXPECT_EQ(options.stop, std::vector<std::string>{"end"});
  EXPECT_EQ(options.stop_tokens, Ids{5});
  EXPECT_TRUE(options.ignore_end_tokens);
}

TEST_F(GenerationConfig, PassesWhatDoesNothing) {
  EXPECT_EQ(refusal(R"({"constraints": null, "force_words_ids": [], "dola_layers": null, "token_healing": false,
      "watermarking_config": {}, "num_beams": 1, "num_beam_groups": 1, "diversity_penalty": 0.0, "penalty_alpha": 0,
      "guidance_scale": 1.0, "prompt_lookup_num_tokens": null, "low_memory": false, "transformers_version": "5.23.0",
      "_from_model_config": true, "pad_token_id": 0, "cache_implementation": "static", "output_scores": true})"),
            "no error");
}

TEST_F(GenerationConfig, NamesWhatItDoesNotHonour) {
  for (const char* key :
       {"constraints", "force_words_ids", "dola_layers", "token_healing", "watermarking_config", "max_time", "top_q"}) {
    EXPECT_EQ(refusal("{\"" + std::string(key) + "\": [1]}"),
              "error[config.generation_key]: F, " + std::string(key) +
                  ": expected a key that this version honours, found [1]; change or remove the key");
  }
  EXPECT_EQ(refusal(R"({"penalty_alpha": 0.6})"),
            "error[config.generation_key]: F, penalty_alpha: expected the value 0, for this version does not have it, "
            "found 0.6; change or remove the key");
}

TEST_F(GenerationConfig, SaysWhatItExpected) {
  const std::map<std::string, std::string> expected = {
      {R"("max_length": "5")", "a whole number of 0 or more"},
      {R"("min_length": -1)", "a whole number of 0 or more"},
      {R"("top_p": "all")", "a number"},
      {R"("do_sample": 1)", "true or false"},
      {R"("suppress_tokens": [1, "2"])", "a token id or a list of them"},
      {R"("suppress_tokens": 4294967296)", "a token id or a list of them"},
      {R"("bad_words_ids": [1, 2])", "a list of lists of token ids"},
      {R"("stop_strings": 5)", "a text or a list of them"},
      {R"("sequence_bias": [[[1], 2, 3]])", "a list of [[token ids], bias]"},
      {R"("sequence_bias": [[1, 2]])", "a list of [[token ids], bias]"},
      {R"("exponential_decay_length_penalty": [1])", "[a whole number of 0 or more, a number]"},
      {R"("exponential_decay_length_penalty": [1.5, 2])", "[a whole number of 0 or more, a number]"},
  };
  for (const auto& [entry, what] : expected) {
    EXPECT_THAT(refusal("{" + entry + "}"), testing::HasSubstr(": expected " + what + ", found ")) << entry;
  }
  EXPECT_EQ(refusal("[]"),
            "error[config.generation_key]: F, the whole: expected a JSON object, found []; change or remove the key");
  EXPECT_THAT(refusal("{"), testing::HasSubstr("error[format.json_syntax]: F"));
}

/// As GenerationConfig.from_model_config of transformers has it; tests/tasks/own_options_test.cpp compares tokens.
TEST(OlderModels, KeepTheKeysInConfigJson) {
  const auto folder = std::filesystem::path(EIGENFORMER_BINARY_DIR) / "generate_test" / "older";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder.parent_path());
  eigenformer_tests::copy_into(k_source / "tests/golden/gpt2/hub", folder);
  json config = json::parse(std::ifstream(folder / "config.json"));
  config.update(
      {{"do_sample", true}, {"top_p", 0.9}, {"max_length", 30}, {"forced_bos_token_id", 7}, {"typical_p", 5}});
  std::ofstream(folder / "config.json") << config;
  const ef::GenerateOptions options = ef::generation_options(ef::load(folder));
  EXPECT_EQ(options.temperature, 1);
  EXPECT_EQ(options.top_k, 50U);
  EXPECT_EQ(options.top_p, 0.9);
  EXPECT_EQ(options.max_length, 30U);
  EXPECT_EQ(options.forced_first_tokens, Ids{7});
  EXPECT_EQ(options.typical_p, 1);  // out of its range

  std::ofstream(folder / "generation_config.json") << json{{"top_p", 0.5}};
  const ef::Model newer = ef::load(folder);
  EXPECT_EQ(ef::generation_options(newer).top_p, 0.5);
  EXPECT_EQ(ef::generation_options(newer).temperature, 0);
  EXPECT_EQ(ef::generation_options(newer, {R"({"top_p": 0.7})"}, {.temperature = 0.4}).top_p, 0.7);
  EXPECT_EQ(ef::generation_options(newer, {R"({"top_p": 0.7})"}, {.temperature = 0.4}).temperature, 0.4);
  EXPECT_EQ(ef::generation_options(newer, {R"({"top_p": 0.7})"}, {.top_p = 0.2}).top_p, 0.2);
  std::filesystem::remove_all(folder);
}

}  // namespace
