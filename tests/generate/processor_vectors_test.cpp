// Each processor against Hugging Face transformers on 1,000 vectors of scores: processor_vectors.json, which
// processors_recipe.py has recorded. Scores and texts are made here as they are made there.
#include <gmock/gmock.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/generate.hpp"
#include "eigenformer/generate/generation_config.hpp"
#include "eigenformer/generate/make_processors.hpp"
#include "tests/generate/vectors.hpp"
#include "tests/support/source_folder.hpp"

namespace {

namespace ef = eigenformer;
using eigenformer_tests::k_source;
using eigenformer_tests::scores_of;
using eigenformer_tests::tokens_of_mask;
using nlohmann::json;

std::vector<ef::TokenId> text_of(std::uint32_t vector, std::uint32_t length) {
  std::vector<ef::TokenId> ids;
  for (std::uint32_t index = 0; index < length; ++index) {
    ids.push_back(static_cast<ef::TokenId>(eigenformer_tests::words_of(vector, 1, index)[0] % 4));
  }
  return ids;
}

/// "3:40490fdb 17:..."
std::vector<std::pair<std::size_t, float>> changes_of(const std::string& text) {
  std::vector<std::pair<std::size_t, float>> changes;
  std::istringstream stream(text);
  for (std::string one; stream >> one;) {
    const std::size_t colon = one.find(':');
    std::uint32_t bits = 0;
    std::from_chars(one.data() + colon + 1, one.data() + one.size(), bits, 16);
    changes.emplace_back(std::stoul(one.substr(0, colon)), std::bit_cast<float>(bits));
  }
  return changes;
}

/// What has no key in transformers' files.
bool read_own(const std::string& family, const json& given, ef::GenerateOptions& options) {
  if (family == "count_penalty") {
    options.presence_penalty = given.value("presence_penalty", 0.0);
    options.frequency_penalty = given.value("frequency_penalty", 0.0);
  } else if (family == "dry") {
    options.dry = {.multiplier = given.at("multiplier"),
                   .base = given.at("base"),
                   .allowed_length = given.at("allowed_length"),
                   .range = given.at("range"),
                   .breakers = given.at("breakers")};
  } else if (family == "top_n_sigma") {
    options.temperature = 1;
    options.top_n_sigma = given.at("top_n_sigma");
  } else if (family == "xtc") {
    options.temperature = 1;
    options.xtc = {.probability = 1, .threshold = given.at("threshold")};
  } else {
    return false;
  }
  return true;
}

ef::GenerateOptions options_of(const std::string& family, json object) {
  ef::GenerateOptions options;
  if (read_own(family, object, options)) return options;
  if (!object.contains("top_k")) object["top_k"] = 0;  // not the default of 50
  return ef::generation::read_generation_config(ef::ModelState(), {object.dump(), family});
}

/// Read when a test needs it: each test of the program is a process of its own, and the file is large.
const json& families() {
  static const json recorded = json::parse(std::ifstream(k_source / "tests/generate/processor_vectors.json"));
  return recorded.at("families");
}

class Vectors : public testing::TestWithParam<const char*> {
 protected:
  static const json& family() {
    return *std::ranges::find(families(), GetParam(),
                              [](const json& one) { return one.at("name").get<std::string>(); });
  }
  /// The scores that all processors of these options make.
  static std::vector<float> processed(const ef::GenerateOptions& options, const std::vector<ef::TokenId>& text,
                                      std::vector<float> scores) {
    const std::vector<ef::TokenId> ends{3, 41};
    const ef::generation::ProcessorSurroundings surroundings{
        .prompt_tokens = family().at("prompt_tokens"), .length = options.max_length.value_or(100), .end_tokens = ends};
    const auto parts = ef::generation::make_processors(options, ef::ModelState(), surroundings);
    EXPECT_GE(parts.rules.size() + parts.filters.size(), 1U);
    const ef::ProcessedText seen{.ids = text, .prompt_tokens = surroundings.prompt_tokens};
    for (const auto& list : {parts.rules, parts.filters}) {
      for (const auto& processor : list) processor->process(seen, scores);
    }
    return scores;
  }
};

TEST_P(Vectors, AreWhatTransformersMakesOfThem) {
  const json& family = Vectors::family();
  const std::string name = family.at("name");
  const std::uint32_t size = family.at("vocabulary");
  const std::vector<std::uint32_t> lengths = family.at("lengths");
  const std::vector<std::uint32_t> left_out = family.at("left_out");
  // Logarithms and powers may differ in their last place; all other scores are the same f32, bit for bit.
  const bool is_rounded = name == "renormalize_logits" || name == "dry";
  std::vector<ef::GenerateOptions> options;
  for (const json& one : family.at("options")) options.push_back(options_of(name, one));
  std::uint32_t vector = 0;
  std::size_t dropped = 0;
  for (std::size_t index = 0; index < 1000; ++index, ++vector) {
    while (std::ranges::count(left_out, vector) > 0) ++vector;
    SCOPED_TRACE(name + " " + std::to_string(vector));
    const std::vector<float> before = scores_of(vector, size);
    const std::vector<float> after =
        processed(options[vector % options.size()], text_of(vector, lengths[vector % lengths.size()]), before);
    const json& kept = family.at("kept");
    const std::vector<bool> expected =
        kept.is_array() ? tokens_of_mask(kept[index], size) : std::vector<bool>(size, true);
    for (std::size_t token = 0; token < size; ++token) {
      ASSERT_EQ(after[token] > -std::numeric_limits<float>::infinity(), expected[token]) << "token " << token;
      dropped += expected[token] ? 0 : 1;
    }
    if (!family.contains("changed")) {
      for (std::size_t token = 0; token < size; ++token) {
        ASSERT_TRUE(!expected[token] || after[token] == before[token]) << "token " << token;
      }
      continue;
    }
    for (const auto& [token, score] : changes_of(family.at("changed")[index])) {
      ASSERT_NEAR(after[token], score, is_rounded ? 1e-5 * (1 + std::abs(score)) : 0) << "token " << token;
    }
  }
  EXPECT_TRUE(dropped > 0 || family.contains("changed")) << "the family changes nothing";
}

constexpr const char* k_families[] = {"temperature",
                                      "top_k",
                                      "top_p",
                                      "min_p",
                                      "top_h",
                                      "typical_p",
                                      "epsilon_cutoff",
                                      "eta_cutoff",
                                      "repetition_penalty",
                                      "encoder_repetition_penalty",
                                      "no_repeat_ngram_size",
                                      "encoder_no_repeat_ngram_size",
                                      "bad_words_ids",
                                      "sequence_bias",
                                      "min_length",
                                      "min_new_tokens",
                                      "forced_bos_token_id",
                                      "forced_eos_token_id",
                                      "exponential_decay_length_penalty",
                                      "suppress_tokens",
                                      "begin_suppress_tokens",
                                      "begin_suppress_tokens_behind_a_forced_one",
                                      "renormalize_logits",
                                      "all_together",
                                      "count_penalty",
                                      "dry",
                                      "top_n_sigma",
                                      "xtc"};

INSTANTIATE_TEST_SUITE_P(Processors, Vectors, testing::ValuesIn(k_families),
                         [](const auto& family) { return std::string(family.param); });

TEST(VectorFamilies, AreAllTried) {
  ASSERT_EQ(families().size(), std::size(k_families));
  for (std::size_t index = 0; index < families().size(); ++index) {
    EXPECT_EQ(families()[index].at("name").get<std::string>(), k_families[index]);
  }
}

}  // namespace
