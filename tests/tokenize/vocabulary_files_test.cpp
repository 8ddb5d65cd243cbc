// Vocabularies in files of lines: vocab.txt, and vocab.json with merges.txt. What stands in odd places of them is read
// as transformers 5.23.0 with tokenizers 0.23.3 reads it; a damaged file is one error, or a vocabulary that works.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <random>

#include "tests/tokenize/recorded.hpp"
#include "tests/tokenize/vocabulary_folder.hpp"

namespace eigenformer_tests {
namespace {

using eigenformer::TokenId;
using eigenformer::Tokenizer;
using Ids = std::vector<TokenId>;
using Lines = std::vector<std::string>;

const Lines k_word_pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##b", "c", "d"};

std::string joined(const Lines& lines, const std::string& end = "\n") {
  std::string text;
  for (const std::string& line : lines) text += line + end;
  return text;
}

class VocabularyText : public testing::Test {
 protected:
  VocabularyText() { folder_.write("tokenizer_config.json", R"({"tokenizer_class":"BertTokenizer"})"); }
  /// The ids of a text with a vocab.txt.
  Ids ids(const std::string& file, const std::string& text = "ab c d a") {
    folder_.write("vocab.txt", file);
    return folder_.load().encode(text);
  }
  std::string error(const std::string& file) {
    folder_.write("vocab.txt", file);
    return folder_.error();
  }
  static std::string with(const Lines& more) {
    Lines lines = k_word_pieces;
    lines.insert(lines.end(), more.begin(), more.end());
    return joined(lines);
  }

  VocabularyFolder folder_;
};

TEST_F(VocabularyText, EndsOfLinesDoNotCount) {
  const Ids expected = {2, 5, 6, 7, 8, 5, 3};
  const std::string sound = joined(k_word_pieces);
  EXPECT_EQ(ids(sound), expected);
  EXPECT_EQ(ids(sound.substr(0, sound.size() - 1)), expected);
  EXPECT_EQ(ids(joined(k_word_pieces, "\r\n")), expected);
  EXPECT_EQ(ids(joined(k_word_pieces, " \t\xE3\x80\x80\n")), expected);
}

/// A token is never cut to a shorter one in front: of the white space around it only that behind it goes.
TEST_F(VocabularyText, AMarkOfByteOrderAndSpacesInFrontAreOfTheToken) {
  EXPECT_EQ(ids("\xEF\xBB\xBF" + joined(k_word_pieces)), (Ids{2, 5, 6, 7, 8, 5, 3}));
  const Tokenizer tokenizer = folder_.load();
  EXPECT_EQ(tokenizer.token_id("\xEF\xBB\xBF[PAD]"), 0);
  EXPECT_EQ(tokenizer.token_id("[PAD]"), 9);  // added behind the others, because the class needs it
  ids(with({" f"}));
  EXPECT_EQ(folder_.load().token_id(" f"), 9);
  EXPECT_EQ(folder_.load().token_id("f"), std::nullopt);
}

TEST_F(VocabularyText, OfEqualLinesTheLastCounts) {
  EXPECT_EQ(ids(with({"c", "e"})), (Ids{2, 5, 6, 9, 8, 5, 3}));
  EXPECT_EQ(ids(with({"[UNK]", "e"}), "z e"), (Ids{2, 9, 10, 3}));
}

TEST_F(VocabularyText, EmptyLinesHaveIds) {
  EXPECT_EQ(ids(with({"", "e", "", ""}), "e a"), (Ids{2, 10, 5, 3}));
  EXPECT_EQ(folder_.load().token_id(""), 12);
}

TEST_F(VocabularyText, WhatIsNoVocabulary) {
  EXPECT_EQ(error(joined(k_word_pieces, "\r")).substr(0, 24), "tokenizer.unknown_token:");
  EXPECT_EQ(error(""),
            "tokenizer.vocabulary_empty: vocab.txt: expected a vocabulary with tokens, found none; download the file "
            "again");
  EXPECT_EQ(error(with({"\xFF\xFE"})).substr(0, 21), "tokenizer.token_text:");
  EXPECT_EQ(error(with({std::string("x\0y", 3)})), "no error");
}

/// Damages a file in one of the ways that files are damaged.
std::string damaged(std::string file, std::mt19937& random) {
  const auto below = [&](std::size_t limit) { return random() % limit; };
  const auto line_at = [&](std::size_t place) {
    const std::size_t before = file.rfind('\n', place);
    const std::size_t begin = before == std::string::npos || before == place ? place : before + 1;
    return std::pair(begin, std::min(file.find('\n', place), file.size() - 1) + 1);
  };
  if (file.empty()) return "\n";
  const auto [begin, end] = line_at(below(file.size()));
  const std::string line = file.substr(begin, end - begin);
  constexpr std::array<const char*, 7> k_inserted = {"\r", "\n", "\xEF\xBB\xBF", " ", "\xC3", "\"", "\xE2\x80\xA8"};
  switch (below(7)) {
    case 0: file[below(file.size())] = static_cast<char>(random()); break;
    case 1: file.erase(begin, line.size()); break;
    case 2: file.insert(begin, line); break;
    case 3: file.insert(below(file.size()), k_inserted[below(k_inserted.size())]); break;
    case 4: file.resize(below(file.size())); break;
    case 5: file.insert(file.size(), line); break;
    default: file.erase(begin, below(line.size() + 1));
  }
  return file;
}

/// Loads after each of many damages: an error with an id of this library, or ids that name tokens and stay in the text.
void expect_error_or_vocabulary(VocabularyFolder& folder, const char* name, const std::string& sound) {
  const std::string text = "Hello  world's 12 \xE2\x82\xAC caf\xC3\xA9 [MASK] \xE4\xB8\xAD";
  std::mt19937 random(4);
  int working = 0, refused = 0;
  for (int k = 0; k < 400; ++k) {
    std::string file = sound;
    for (int n = 0; n <= k % 4; ++n) file = damaged(std::move(file), random);
    folder.write(name, file);
    const std::string found = error_of([&] {
      const Tokenizer tokenizer = folder.load();
      const eigenformer::Encoding encoding = tokenizer.encode_with_offsets(text);
      for (std::size_t n = 0; n < encoding.ids.size(); ++n) {
        EXPECT_LT(static_cast<std::size_t>(encoding.ids[n]), tokenizer.vocabulary_size());
        EXPECT_LE(encoding.offsets[n].end, text.size());
      }
      tokenizer.decode(encoding.ids);
    });
    ASSERT_TRUE(found == "no error" || found.starts_with("tokenizer.") || found.starts_with("format.")) << found;
    (found == "no error" ? working : refused) += 1;
  }
  EXPECT_GT(working, 20);
  EXPECT_GT(refused, 20);
}

TEST(DamagedVocabularyFiles, VocabTxt) {
  VocabularyFolder folder;
  folder.write("tokenizer_config.json", R"({"tokenizer_class":"BertTokenizer"})");
  const std::string sound = file_text(k_tokenize_data / "uncased/vocab.txt");
  expect_error_or_vocabulary(folder, "vocab.txt", sound);
}

TEST(DamagedVocabularyFiles, VocabJsonAndMergesTxt) {
  VocabularyFolder folder;
  for (const char* name : {"vocab.json", "merges.txt"}) {
    folder.write("tokenizer_config.json", R"({"tokenizer_class":"GPT2Tokenizer"})");
    for (const char* file : {"vocab.json", "merges.txt"}) {
      folder.write(file, file_text(k_tokenize_data / "gpt2" / file));
    }
    expect_error_or_vocabulary(folder, name, file_text(k_tokenize_data / "gpt2" / name));
  }
}

TEST(HostileVocabularyFiles, SameTokenTwice) {
  const VocabularyFolder folder;
  folder.write("tokenizer_config.json", R"({"tokenizer_class":"GPT2Tokenizer"})");
  folder.write("vocab.json", R"({"a":0,"b":1,"a":2})");
  folder.write("merges.txt", "");
  EXPECT_EQ(
      folder.error(),
      "tokenizer.duplicate_token: vocab.json: expected each token once, found \"a\" for the ids 0 and 2; download "
      "the file again, or rebuild the vocabulary");
}

TEST(HostileVocabularyFiles, VocabJsonAndMerges) {
  const VocabularyFolder folder;
  folder.write("vocab.json", R"({"a":0,"b":1,"ab":2})");
  folder.write("merges.txt", "#version: 0.2\na b\n");
  EXPECT_EQ(
      folder.error(),
      "tokenizer.class: tokenizer_config.json: expected one of the tokenizer_class GPT2Tokenizer, Qwen2Tokenizer, "
      "RobertaTokenizer, BartTokenizer, LongformerTokenizer, LEDTokenizer for vocab.json and merges.txt, found none; "
      "add the model's tokenizer.json, which describes the tokenizer in full");
  folder.write("tokenizer_config.json", R"({"tokenizer_class":"CLIPTokenizerFast"})");
  EXPECT_EQ(folder.error().substr(0, 16), "tokenizer.class:");
  folder.write("tokenizer_config.json", R"({"tokenizer_class":"GPT2TokenizerFast"})");
  EXPECT_EQ(folder.error(), "no error");
  folder.write("merges.txt", "#version: 0.2\na b\n\n");
  EXPECT_EQ(folder.error().substr(0, 60), "tokenizer.merge_syntax: merges.txt, merge 1: expected two to");
  folder.write("merges.txt", "");
  EXPECT_EQ(folder.error(), "no error");
  folder.write("vocab.json", "[1]");
  EXPECT_EQ(folder.error(),
            "tokenizer.vocabulary_file: vocab.json: expected an object of tokens and ids, found an array; download the "
            "file again");
  folder.write("vocab.json", R"({"a":0,"b":0})");
  EXPECT_EQ(folder.error(),
            "tokenizer.duplicate_id: vocab.json: expected one token for each id, found \"a\" and \"b\" for id 0; "
            "download the file again, or rebuild the vocabulary");
}

TEST(VocabularyFiles, MergesAreReadAsTokenizersReadsThem) {
  const VocabularyFolder folder;
  folder.write("tokenizer_config.json", R"({"tokenizer_class":"GPT2Tokenizer"})");
  folder.write("vocab.json", R"({"a":0,"b":1,"ab":2,"c":3,"abc":4,"<|endoftext|>":5})");
  const auto ids = [&](const char* merges) {
    folder.write("merges.txt", merges);
    return folder.load().encode("abc");
  };
  const auto error_id = [&](const char* merges) {
    folder.write("merges.txt", merges);
    return error_id_of([&] { folder.load(); });
  };
  EXPECT_EQ(ids("#version: 0.2\na b\nab c\n"), Ids{4});
  EXPECT_EQ(ids("#version: 0.2\r\na b\r\nab c\r\n"), Ids{4});
  EXPECT_EQ(ids("a b\na b\nab c"), Ids{4});
  for (const char* merges : {"a b\n\nab c\n", "a b c\n", "a b \n", "# a comment\n"}) {
    EXPECT_EQ(error_id(merges), "tokenizer.merge_syntax") << merges;
  }
  for (const char* merges : {"\xEF\xBB\xBF#version: 0.2\n",
                             "\xEF\xBB\xBF"
                             "a b\n",
                             "a z\n", "# x\n"}) {
    EXPECT_EQ(error_id(merges), "tokenizer.merge_unknown_token") << merges;
  }
}

}  // namespace
}  // namespace eigenformer_tests
