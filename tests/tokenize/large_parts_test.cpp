// The quick reader of tokenizer.json's large parts against a JSON library, on sound files and on damaged ones.
#include "eigenformer/tokenize/files/large_parts.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "eigenformer/tokenize/load.hpp"
#include "tests/support/errors.hpp"
#include "tests/tokenize/recorded.hpp"

namespace eigenformer_tests {
namespace {

using eigenformer::tokenize::take_large_parts;
using eigenformer::tokenize::TokenizerFile;
using nlohmann::json;

std::string_view token_of(const TokenizerFile& file, std::size_t k) { return file.tokens.texts[k]; }

/// Of two equal tokens the library keeps the later one.
void expect_vocabulary(const TokenizerFile& file, const json& vocabulary) {
  std::map<std::string, std::int64_t> found, wanted;
  for (std::size_t k = 0; k < file.tokens.size(); ++k) {
    found[std::string(token_of(file, k))] = file.tokens.ids[k];
  }
  for (const auto& [token, id] : vocabulary.items()) wanted[token] = id.get<std::int64_t>();
  EXPECT_EQ(found, wanted);
}

void expect_scores(const TokenizerFile& file, const json& vocabulary) {
  ASSERT_EQ(file.scores.size(), vocabulary.size());
  for (std::size_t k = 0; k < file.scores.size(); ++k) {
    EXPECT_EQ(token_of(file, k), vocabulary[k][0].get<std::string>());
    EXPECT_EQ(file.scores[k], vocabulary[k][1].get<double>());
  }
}

void expect_merges(const TokenizerFile& file, const json& merges) {
  ASSERT_EQ(file.merges.size(), merges.size());
  for (std::size_t k = 0; k < merges.size(); ++k) {
    const std::string left(file.merges.left(k)), right(file.merges.right(k));
    EXPECT_EQ(merges[k], merges[k].is_string() ? json(left + " " + right) : json({left, right}));
  }
}

/// Whether the quick reader took it; then it took what the library reads.
bool agrees(const std::string& text) {
  TokenizerFile file;
  const std::optional<std::string> rest = take_large_parts(text, file);
  if (!rest) return false;
  const json whole = json::parse(text, nullptr, false), remains = json::parse(*rest, nullptr, false);
  EXPECT_EQ(whole.is_discarded(), remains.is_discarded()) << text.substr(0, 300);
  if (whole.is_discarded() || !whole.contains("model")) return true;
  json emptied = whole;
  const json& model = whole["model"];
  for (const char* key : {"vocab", "merges"}) {
    if (model.contains(key) && model[key].is_structured()) emptied["model"][key] = nullptr;
  }
  EXPECT_EQ(remains, emptied);
  if (model.contains("vocab")) {
    model["vocab"].is_object() ? expect_vocabulary(file, model["vocab"]) : expect_scores(file, model["vocab"]);
  }
  if (model.contains("merges")) expect_merges(file, model["merges"]);
  return true;
}

TEST(LargeParts, AreThoseOfTheLibrary) {
  for (const char* folder : {"smollm", "llama3", "bpe_first", "unigram", "cased"}) {
    EXPECT_TRUE(agrees(file_text(k_tokenize_data / folder / "tokenizer.json"))) << folder;
  }
  EXPECT_TRUE(agrees(R"( {"a": [1, {"model": "]"}], "model": {"vocab": { "x\n\u20ac" : 7 , "":-0}, "merges": [ ]}} )"));
  EXPECT_TRUE(agrees(R"({"model":{"vocab":[["a",-1.5e-3],["\"",0]],"merges":[["a b","c"],["\\","\/"]]}})"));
  EXPECT_TRUE(agrees(R"({"model": 1})"));
}

TEST(LargeParts, WhatIsNotPlainIsLeftToTheLibrary) {
  for (const char* text : {"",
                           "[]",
                           "{",
                           R"({"model":{"vocab":{"a":01}}})",
                           R"({"model":{"vocab":{"a":1.5}}})",
                           R"({"model":{"vocab":{"a":1e3}}})",
                           R"({"model":{"vocab":{"a":null}}})",
                           R"({"model":{"vocab":{"a":1,}}})",
                           R"({"model":{"vocab":{"a":1234567890123456789}}})",
                           R"({"model":{"vocab":[["a",1.]]}})",
                           R"({"model":{"vocab":[["a",.5]]}})",
                           R"({"model":{"vocab":[["a",1.e5]]}})",
                           R"({"model":{"vocab":[["a",1e999]]}})",
                           R"({"model":{"vocab":{"\ud83d\ude00":1}}})",
                           R"({"model":{"vocab":{"\x":1}}})",
                           "{\"model\":{\"vocab\":{\"\n\":1}}}",
                           "{\"model\":{\"vocab\":{\"\xFF\":1}}}",
                           R"({"model":{"merges":["ab"]}})",
                           R"({"model":{"merges":["a b c"]}})",
                           R"({"model":{"merges":[["a",""]]}})",
                           R"({"model":{"merges":["#version: 0.2"]}})",
                           R"({"model":{"merges":[[1]]}})",
                           R"({"model":{}} x)"}) {
    EXPECT_FALSE(agrees(text)) << text;
  }
}

TEST(LargeParts, DamagedFilesAreReadAlikeOrLeftToTheLibrary) {
  std::mt19937 random(11);
  for (const char* folder : {"llama3", "unigram", "cased"}) {
    const std::string sound = file_text(k_tokenize_data / folder / "tokenizer.json");
    for (int k = 0; k < 700; ++k) {
      std::string changed = sound;
      const char signs[] = "\"\\[]{},:0129.-eu \n\x01\xE2";
      for (int n = 0; n < 1 + k % 3; ++n) changed[random() % changed.size()] = signs[random() % (sizeof signs - 1)];
      if (k % 10 == 0) changed.resize(random() % changed.size());
      agrees(changed);
    }
  }
}

}  // namespace
}  // namespace eigenformer_tests
