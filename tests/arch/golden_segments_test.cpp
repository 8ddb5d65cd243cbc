// Calls with a permutation mask, targets and a memory against what Hugging Face transformers computed for them: the
// files segments.safetensors (tests/golden/xlnet/recipe.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eigenformer/chat.hpp"
#include "eigenformer/forward.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/kernels/select.hpp"
#include "eigenformer/model.hpp"
#include "tests/support/copy_into.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/relative_difference.hpp"

namespace ef = eigenformer;
using eigenformer_tests::GoldenCase;
using eigenformer_tests::relative_difference;

namespace {

/// One call of a recording: what goes in, and what comes out.
struct RecordedCall {
  std::vector<ef::TokenId> ids;
  ef::ForwardOptions options;
  bool remembers = false;
  std::size_t memory_afterwards = 0;
  std::map<std::string, ef::Tensor> expected;
};

std::vector<RecordedCall> calls_of(const GoldenCase& golden) {
  const nlohmann::json listed = golden.record().at("segments");
  std::vector<RecordedCall> calls(listed.size());
  for (std::size_t number = 0; number < calls.size(); ++number) {
    calls[number].remembers = listed[number].at("remembers").get<bool>();
    calls[number].memory_afterwards = listed[number].at("memory").get<std::size_t>();
    calls[number].options.hidden_states = calls[number].options.attentions = true;
  }
  const auto file = ef::format::open_safetensors(ef::format::file_source(golden.folder / "segments.safetensors"));
  for (const auto& entry : file->entries()) {
    const std::size_t dot = entry.name.find('.');
    RecordedCall& call = calls.at(std::stoul(entry.name.substr(0, dot)));
    const std::string name = entry.name.substr(dot + 1);
    const std::vector<float> values = ef::format::decode_f32(file->read(entry));
    if (name == "input_ids") {
      call.ids.assign(values.begin(), values.end());
    } else if (name == "token_type_ids") {
      call.options.token_type_ids.assign(values.begin(), values.end());
    } else if (name == "perm_mask") {
      call.options.perm_mask.assign(values.begin(), values.end());
    } else if (name == "target_mapping") {
      call.options.target_mapping.assign(values.begin(), values.end());
    } else {
      call.expected[name] = {entry.shape, values};
    }
  }
  return calls;
}

class GoldenSegments : public testing::TestWithParam<GoldenCase> {
 protected:
  /// Every call after the other, each with the memory of the one before where it remembers.
  std::vector<std::map<std::string, ef::Tensor>> run(const ef::LoadOptions& load) const {
    const ef::Model model = ef::load(GetParam().model, load);
    std::vector<std::map<std::string, ef::Tensor>> results;
    ef::SegmentMemory memory;
    for (RecordedCall& call : calls_of(GetParam())) {
      if (!call.remembers) memory = {};
      call.options.memory = &memory;
      results.push_back(ef::forward(model, call.ids, call.options));
      EXPECT_EQ(memory.tokens(), call.memory_afterwards) << "call " << results.size() - 1;
    }
    return results;
  }
};

TEST_P(GoldenSegments, ResultsOfBothStreamsAreThoseOfTransformers) {
  const std::vector<RecordedCall> calls = calls_of(GetParam());
  const auto results = run({.compute = ef::Compute::exact, .threads = 2});
  ASSERT_EQ(results.size(), calls.size());
  double worst = 0.0;
  std::size_t compared = 0;
  for (std::size_t number = 0; number < calls.size(); ++number) {
    for (const auto& [name, tensor] : calls[number].expected) {
      const std::string what = "call " + std::to_string(number) + ", " + name;
      ASSERT_TRUE(results[number].contains(name)) << what;
      ASSERT_EQ(results[number].at(name).shape, tensor.shape) << what;
      const double difference = relative_difference(results[number].at(name).values, tensor.values);
      EXPECT_LE(difference, GetParam().tolerance()) << what;
      worst = std::max(worst, difference);
      ++compared;
    }
  }
  EXPECT_GE(compared, 4 * calls.size());
  std::printf("%s: largest relative difference %.2g over %zu tensors\n", GetParam().name.c_str(), worst, compared);
}

TEST_P(GoldenSegments, BitsDoNotDependOnThreadsAndInstructionSets) {
  const auto expected = run({.threads = 1, .instruction_set = "scalar"});
  for (const auto set : ef::kernels::available_instruction_sets()) {
    for (unsigned threads = 1; threads <= 3; ++threads) {
      const std::string isa(ef::kernels::instruction_set_name(set));
      const auto found = run({.threads = threads, .instruction_set = isa});
      for (std::size_t number = 0; number < expected.size(); ++number) {
        for (const auto& [name, tensor] : expected[number]) {
          EXPECT_EQ(found[number].at(name).values, tensor.values) << isa << ", " << threads << " threads, " << name;
        }
      }
    }
  }
}

class GoldenContinuations : public testing::TestWithParam<GoldenCase> {};

/// What transformers wrote with its memory.
TEST_P(GoldenContinuations, AreThoseOfTransformers) {
  const nlohmann::json record = GetParam().record();
  const ef::Model model = ef::load(GetParam().model, {.compute = ef::Compute::exact, .threads = 2});
  for (const auto& path : record.at("continuations")) {
    const auto prompt = path.at("prompt").get<std::vector<ef::TokenId>>();
    const auto expected = path.at("ids").get<std::vector<ef::TokenId>>();
    const auto found = ef::generate(model, prompt,
                                    {.max_new_tokens = expected.size(),
                                     .repetition_penalty = path.at("penalty").get<double>(),
                                     .ignore_end_tokens = true});
    EXPECT_EQ(found.at(0).ids, expected) << path.at("name");
  }
}

std::vector<GoldenCase> cases_with(const std::string& key) {
  std::vector<GoldenCase> cases = eigenformer_tests::golden_cases();
  std::erase_if(cases, [&](const GoldenCase& golden) { return !golden.record().contains(key); });
  return cases;
}

ef::Model load(const std::string& folder) {
  return ef::load(std::filesystem::path(EIGENFORMER_SOURCE_DIR) / "tests/golden" / folder, {.threads = 1});
}

std::string error_of(const ef::Model& model, std::size_t tokens, const ef::ForwardOptions& options) {
  const std::vector<ef::TokenId> ids(tokens, 7);
  return eigenformer_tests::error_of([&] { ef::forward(model, ids, options); });
}

TEST(Segments, RefuseAMaskOfAnotherSize) {
  EXPECT_EQ(
      error_of(load("xlnet/hub"), 3, {.perm_mask = {0, 1, 0}}),
      "usage.perm_mask: perm_mask: expected 9 entries, a row of 3 for each token, found 3; pass one entry for each "
      "pair of tokens, or none");
}

TEST(Segments, RefuseTargetsThatAreNoPlacesOrTwice) {
  const ef::Model model = load("xlnet/hub");
  EXPECT_EQ(error_of(model, 3, {.target_mapping = {0, 3}}),
            "usage.target_mapping: target_mapping, entry 1: expected different places from 0 to 2, found 3; name each "
            "place that is to be predicted once");
  EXPECT_EQ(
      error_of(model, 3, {.target_mapping = {2, 0, 2}}),
      "usage.target_mapping: target_mapping, entry 2: expected different places from 0 to 2, found 2, twice; name "
      "each place that is to be predicted once");
}

TEST(Segments, RefuseTheMemoryOfAnotherModel) {
  ef::SegmentMemory memory;
  const ef::Model first = load("xlnet/hub"), second = load("xlnet/own_head");
  EXPECT_EQ(error_of(first, 3, {.memory = &memory}), "no error");
  EXPECT_EQ(memory.tokens(), 3U);
  const std::string text = error_of(second, 3, {.memory = &memory});
  EXPECT_EQ(text, "usage.memory_model: " + second.info().source + ": expected a memory of this model, found one of " +
                      first.info().source + "; begin with an empty memory");
  EXPECT_EQ(memory.tokens(), 3U);
}

TEST(Segments, AreForModelsThatReadThem) {
  ef::SegmentMemory memory;
  const ef::Model model = load("bert/hub");
  const auto expected = [](const std::string& option) {
    return "usage.no_segments: " + option +
           ": expected a model that reads segments by two streams, found the model bert, which does not; leave the "
           "option out";
  };
  EXPECT_EQ(error_of(model, 2, {.perm_mask = {0, 1, 0, 0}}), expected("perm_mask"));
  EXPECT_EQ(error_of(model, 2, {.target_mapping = {1}}), expected("target_mapping"));
  EXPECT_EQ(error_of(model, 2, {.memory = &memory}), expected("memory"));
}

TEST(Segments, OfACopiedMemoryAreFuturesOfTheirOwn) {
  const ef::Model model = load("xlnet/hidden_states");
  const std::vector<ef::TokenId> past{1, 2, 3, 4, 5}, one{6, 7}, other{8, 9, 10};
  const auto last = [&](ef::SegmentMemory& memory, const std::vector<ef::TokenId>& ids) {
    return ef::forward(model, ids, {.memory = &memory}).at("last_hidden_state").values;
  };
  ef::SegmentMemory first;
  last(first, past);
  ef::SegmentMemory second = first, third = first;
  const std::vector<float> wanted = last(first, other);
  last(second, one);
  EXPECT_EQ(last(third, other), wanted);
  EXPECT_NE(last(second, other), wanted);
  EXPECT_EQ(second.tokens(), 10U);
}

TEST(Segments, ContinueATextAsFarAsTheMemoryGoes) {
  const ef::Model model = load("xlnet/own_head");
  const std::vector<ef::TokenId> prompt(64, 7), shorter(62, 7);
  EXPECT_EQ(eigenformer_tests::error_of([&] { ef::generate(model, prompt); }),
            "usage.prompt_too_long: prompt: expected a prompt shorter than the context of 64 tokens, found 64 tokens; "
            "shorten it");
  const auto found = ef::generate(model, shorter, {.max_new_tokens = 9, .ignore_end_tokens = true});
  EXPECT_EQ(found.at(0).ids.size(), 2U);
}

TEST(Segments, AreNoChat) {
  const ef::Model model = load("xlnet/hub");
  EXPECT_EQ(eigenformer_tests::error_of([&] { ef::Chat chat(model); }),
            "usage.chat_needs_decoder: " + model.info().source +
                ": expected a decoder-only model to chat with, found the two-stream model xlnet; ask each question "
                "alone: begin() or generate() (eigenformer run)");
}

TEST(Segments, AreNotContinuedByAModelWithoutALanguageHead) {
  const ef::Model model = load("xlnet/hidden_states");
  const std::vector<ef::TokenId> prompt{1, 2};
  EXPECT_EQ(eigenformer_tests::error_id_of([&] { ef::generate(model, prompt); }), "usage.not_generative");
}

/// What was said is all remembered while a text grows: a part of each segment is no memory to go on with.
TEST(Segments, AreNotContinuedWhereAPartOfEachIsRemembered) {
  const auto folder = std::filesystem::path(EIGENFORMER_BINARY_DIR) / "segments_test";
  std::filesystem::remove_all(folder);
  eigenformer_tests::copy_into(std::filesystem::path(EIGENFORMER_SOURCE_DIR) / "tests/golden/xlnet/hub", folder);
  nlohmann::json config = nlohmann::json::parse(std::ifstream(folder / "config.json"));
  config["reuse_len"] = 3;
  std::ofstream(folder / "config.json") << config;
  const ef::Model model = ef::load(folder);
  std::filesystem::remove_all(folder);
  const std::vector<ef::TokenId> prompt{1, 2};
  EXPECT_EQ(
      eigenformer_tests::error_of([&] { ef::generate(model, prompt); }),
      "usage.not_generative: " + model.info().source +
          ": expected a model that remembers all of a segment, found the model xlnet, which remembers the first 3 "
          "tokens of each; use forward() with a memory, or another model");
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenSegments, testing::ValuesIn(cases_with("segments")),
                         [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(Models, GoldenContinuations, testing::ValuesIn(cases_with("continuations")),
                         [](const auto& test) { return test.param.name; });

}  // namespace
