// Ids, offsets and decodings against Hugging Face tokenizers, for vocabularies of every shape that this room reads.
#include <gtest/gtest.h>

#include "eigenformer/tokenize/load.hpp"
#include "tests/tokenize/recorded_expectations.hpp"

namespace eigenformer_tests {
namespace {

using eigenformer::TokenId;
using eigenformer::Tokenizer;

class Recorded : public testing::TestWithParam<const char*> {
 protected:
  Tokenizer tokenizer_ = eigenformer::tokenize::load_tokenizer_folder(k_tokenize_data / GetParam());
  nlohmann::json expected_ = recorded(GetParam());
};

TEST_P(Recorded, TextsHaveTheSameIdsOffsetsAndDecodings) {
  expect_recorded_texts(
      expected_, [&](const std::string& text, const std::string& line) { return line_of(tokenizer_, text, line); });
}

TEST_P(Recorded, LongRunsHaveTheSameIdsOffsetsAndDecodings) {
  for (const auto& [rule, text] : long_runs()) {
    const std::string line = expected_["runs"].at(rule);
    EXPECT_EQ(line_of(tokenizer_, text, line), line) << rule;
  }
}

TEST_P(Recorded, SamplesInFull) {
  const std::vector<std::string> texts = hard_texts();
  ASSERT_FALSE(expected_["samples"].empty());
  for (const auto& [index, ids] : expected_["samples"].items()) {
    EXPECT_EQ(tokenizer_.encode(texts.at(std::stoul(index))), ids.get<std::vector<TokenId>>()) << index;
  }
}

TEST_P(Recorded, IdsWithoutOffsetsAreTheSame) { expect_same_ids_without_offsets(tokenizer_); }

TEST_P(Recorded, AnyIdsDecodeAlikeWholeAndPieceByPiece) { expect_recorded_decodings(expected_, tokenizer_); }

INSTANTIATE_TEST_SUITE_P(Vocabularies, Recorded,
                         testing::Values("gpt2", "llama3", "qwen2", "smollm", "flags", "unigram", "unigram_ties",
                                         "bpe_first", "spm_unigram", "spm_bpe"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace eigenformer_tests
