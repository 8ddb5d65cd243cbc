// A load that is cancelled at any place ends there, the tokenizer's vocabulary included.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "eigenformer/format/load_progress.hpp"
#include "eigenformer/load_async.hpp"
#include "eigenformer/tokenize/load.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/source_folder.hpp"

namespace cancelled_load_test {

namespace ef = eigenformer;
using eigenformer_tests::error_id_of;
using eigenformer_tests::k_source;
using json = nlohmann::json;

/// A folder of one vocabulary that is as large as real ones are, in files of one kind.
class LargeVocabulary {
 public:
  explicit LargeVocabulary(const std::string& name) : path_(std::filesystem::path(testing::TempDir()) / name) {
    std::filesystem::create_directories(path_);
  }
  ~LargeVocabulary() { std::filesystem::remove_all(path_); }
  LargeVocabulary(const LargeVocabulary&) = delete;
  LargeVocabulary& operator=(const LargeVocabulary&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& file, const std::string& text) const { std::ofstream(path_ / file) << text; }

  static constexpr int k_tokens = 40000;

 private:
  std::filesystem::path path_;
};

std::string word(int number) {
  std::string letters;
  for (int left = number; left > 0 || letters.empty(); left /= 26) letters += static_cast<char>('a' + left % 26);
  return letters;
}

json byte_pairs() {
  json vocabulary, merges = json::array();
  std::vector<std::string> tokens;
  for (char letter = 'a'; letter <= 'z'; ++letter) tokens.emplace_back(1, letter);
  for (std::size_t k = 0; tokens.size() < LargeVocabulary::k_tokens; ++k) {
    for (char letter = 'a'; letter <= 'z' && tokens.size() < LargeVocabulary::k_tokens; ++letter) {
      merges.push_back(tokens[k] + " " + letter);
      tokens.push_back(tokens[k] + letter);
    }
  }
  for (std::size_t k = 0; k < tokens.size(); ++k) vocabulary[tokens[k]] = k;
  return {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", merges}};
}

json scored_pieces() {
  json pieces = json::array();
  for (int k = 0; k < LargeVocabulary::k_tokens; ++k) pieces.push_back({word(k) + "_", -0.001 * k});
  return {{"type", "Unigram"}, {"vocab", pieces}, {"unk_id", 0}};
}

/// How often the host is asked while a folder's tokenizer is read.
std::size_t times_asked(const std::filesystem::path& folder, std::size_t stop_at) {
  std::size_t asked = 0;
  const auto callback = [&](std::uint64_t done, std::uint64_t total) {
    EXPECT_EQ(done, 0U);
    EXPECT_EQ(total, 1000U);
    return ++asked != stop_at;
  };
  const ef::format::LoadProgress progress(callback, 1000, "model");
  const auto load = [&] { ef::tokenize::load_tokenizer_folder(folder, ef::format::LoadWatch(&progress)); };
  if (stop_at == 0) {
    load();
  } else {
    EXPECT_EQ(error_id_of(load), "cancelled.load") << stop_at;
  }
  return asked;
}

/// Whenever it is asked it can say no, and is asked no more.
void expect_stops_anywhere(const std::filesystem::path& folder, std::size_t at_least) {
  const std::size_t all = times_asked(folder, 0);
  EXPECT_GE(all, at_least);
  for (const std::size_t stop_at : {std::size_t{1}, all / 3, 2 * all / 3, all}) {
    EXPECT_EQ(times_asked(folder, stop_at), stop_at);
  }
}

TEST(CancelledLoad, StopsWhileBytePairsAreReadAndBuilt) {
  const LargeVocabulary folder("cancelled_pairs");
  folder.write("tokenizer.json", json{{"version", "1.0"}, {"model", byte_pairs()}}.dump());
  expect_stops_anywhere(folder.path(), 12);
}

TEST(CancelledLoad, StopsWhilePiecesAreReadAndBuilt) {
  const LargeVocabulary folder("cancelled_pieces");
  folder.write("tokenizer.json", json{{"version", "1.0"}, {"model", scored_pieces()}}.dump());
  expect_stops_anywhere(folder.path(), 12);
}

TEST(CancelledLoad, StopsWhileWordsAreReadAndBuilt) {
  const LargeVocabulary folder("cancelled_words");
  std::string words = "[UNK]\n[CLS]\n[SEP]\n[PAD]\n[MASK]\n";
  for (int k = 0; k < LargeVocabulary::k_tokens; ++k) words += word(k) + "_\n";
  folder.write("vocab.txt", words);
  folder.write("tokenizer_config.json", R"({"tokenizer_class": "BertTokenizer"})");
  expect_stops_anywhere(folder.path(), 6);
}

TEST(CancelledLoad, StopsWhileTheVocabularyOfAGgufFileIsBuilt) {
  ef::tokenize::GgufVocabulary vocabulary{.model = "llama", .unknown = 0, .where = "model.gguf"};
  for (int k = 0; k < LargeVocabulary::k_tokens; ++k) {
    vocabulary.tokens.push_back(word(k) + "_");
    vocabulary.scores.push_back(static_cast<float>(-k));
    vocabulary.token_types.push_back(k == 0 ? 2 : 1);
  }
  std::size_t asked = 0;
  const ef::format::LoadProgress progress([&](auto, auto) { return ++asked < 5; }, 1000, "model.gguf");
  vocabulary.watch = ef::format::LoadWatch(&progress);
  EXPECT_EQ(error_id_of([&] { ef::tokenize::load_tokenizer_gguf(vocabulary); }), "cancelled.load");
  EXPECT_EQ(asked, 5U);
}

/// From the first question, before anything large is read, to the last tensor.
TEST(CancelledLoad, StopsAtEveryQuestion) {
  for (const char* model :
       {"tests/golden/gguf/q4_1/model.gguf", "tests/golden/llama/sharded", "tests/tasks/data/nllb"}) {
    const std::filesystem::path path = k_source / model;
    std::size_t all = 0;
    ef::load(path, {.threads = 1, .progress = [&](auto, auto) { return ++all > 0; }});
    EXPECT_GT(all, 10U);
    for (std::size_t stop_at = 1; stop_at <= all; ++stop_at) {
      std::size_t asked = 0;
      const auto stops = [&](std::uint64_t, std::uint64_t) { return ++asked != stop_at; };
      EXPECT_EQ(ef::try_load(path, {.threads = 1, .progress = stops}).error().id, "cancelled.load");
      EXPECT_EQ(asked, stop_at);
    }
  }
}

}  // namespace cancelled_load_test
