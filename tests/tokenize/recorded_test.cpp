// Ids, offsets and decodings against Hugging Face tokenizers, for vocabularies of every shape that this room reads.
#include "tests/tokenize/recorded.hpp"

#include <gtest/gtest.h>

#include "eigenformer/tokenize/load.hpp"

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
  const std::vector<std::string> texts = hard_texts();
  ASSERT_GE(texts.size(), 2000U);
  ASSERT_EQ(texts.size(), expected_["texts"].size());
  int different = 0;
  for (std::size_t k = 0; k < texts.size(); ++k) {
    if (expected_["texts"][k].is_null()) continue;
    const std::string line = expected_["texts"][k];
    if (line_of(tokenizer_, texts[k], line) == line) continue;
    ASSERT_LT(++different, 10) << "further texts differ";
    ADD_FAILURE() << "text " << k << ": " << testing::PrintToString(texts[k]);
  }
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

TEST_P(Recorded, IdsWithoutOffsetsAreTheSame) {
  for (const std::string& text : hard_texts()) {
    EXPECT_EQ(tokenizer_.encode(text), tokenizer_.encode_with_offsets(text).ids) << testing::PrintToString(text);
  }
}

TEST_P(Recorded, AnyIdsDecodeAlikeWholeAndPieceByPiece) {
  ASSERT_FALSE(expected_["decodings"].empty());
  for (const auto& entry : expected_["decodings"]) {
    const auto ids = entry[0].get<std::vector<TokenId>>();
    EXPECT_EQ(tokenizer_.decode(ids), entry[1].get<std::string>());
    EXPECT_EQ(tokenizer_.decode(ids, {.skip_special_tokens = true}), entry[2].get<std::string>());
    std::string joined;
    eigenformer::StreamDecoder stream = tokenizer_.stream();
    for (const TokenId id : ids) {
      const std::string piece = stream.push(id);
      EXPECT_NO_THROW(nlohmann::json(piece).dump()) << "no whole characters";  // the dump refuses ill-formed UTF-8
      joined += piece;
    }
    EXPECT_EQ(joined + stream.finish(), entry[1].get<std::string>());
  }
}

INSTANTIATE_TEST_SUITE_P(Vocabularies, Recorded,
                         testing::Values("gpt2", "llama3", "qwen2", "smollm", "flags", "unigram", "unigram_ties",
                                         "bpe_first", "spm_unigram", "spm_bpe"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace eigenformer_tests
