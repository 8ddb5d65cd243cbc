// WordPiece, WordLevel and every stage of tokenizer.json that the older recordings do not have, pairs and windows,
// against Hugging Face tokenizers. Recorded by components_recipe.py.
#include <gtest/gtest.h>

#include "eigenformer/tokenize/load.hpp"
#include "tests/tokenize/recorded_expectations.hpp"

namespace eigenformer_tests {
namespace {

using eigenformer::Encoding;
using eigenformer::TextPair;
using eigenformer::Tokenizer;
using eigenformer::TruncateOptions;
using eigenformer::TruncationStrategy;

void add_columns(const Encoding& encoding, Fnv& hash) {
  const auto add = [&](const std::vector<std::int32_t>& values) {
    for (const std::int32_t value : values) hash.word(static_cast<std::uint32_t>(value));
  };
  add(encoding.ids);
  for (const eigenformer::ByteSpan& span : encoding.offsets) {
    hash.word(span.begin);
    hash.word(span.end);
  }
  add(encoding.type_ids);
  add(encoding.texts);
  add(encoding.words);
}

class Components : public testing::TestWithParam<const char*> {
 protected:
  Tokenizer tokenizer_ = eigenformer::tokenize::load_tokenizer_folder(k_tokenize_data / GetParam());
  nlohmann::json expected_ = recorded(GetParam());
  std::vector<std::string> texts_ = hard_texts();
};

TEST_P(Components, TextsAreEncodedAlike) {
  expect_recorded_texts(expected_, [&](const std::string& text, const std::string&) {
    const Encoding encoding = tokenizer_.encode_with_offsets(text);
    Fnv hash(64);
    add_columns(encoding, hash);
    add_decodings(tokenizer_, encoding.ids, hash);
    return hash.digits();
  });
}

TEST_P(Components, IdsAloneAreTheSame) { expect_same_ids_without_offsets(tokenizer_); }

TEST_P(Components, AnyIdsDecodeAlikeWholeAndPieceByPiece) { expect_recorded_decodings(expected_, tokenizer_); }

TruncateOptions options_of(const nlohmann::json& record) {
  const std::string strategy = record["strategy"];
  TruncateOptions options{.max_length = record["max_length"], .stride = record["stride"]};
  if (strategy == "only_first") options.strategy = TruncationStrategy::only_first;
  if (strategy == "only_second") options.strategy = TruncationStrategy::only_second;
  if (record["side"] == "left") options.kept = eigenformer::KeptEnd::back;
  options.encode.add_special_tokens = record["special"];
  return options;
}

TEST_P(Components, WindowsAreCutAlike) {
  int cut = 0;
  for (const auto& entry : expected_["windows"]) {
    const auto& record = entry[0];
    TextPair texts{.first = texts_.at(record["texts"][0])};
    if (!record["texts"][1].is_null()) texts.second = texts_.at(record["texts"][1]);
    auto windows = tokenizer_.try_encode_windows(texts, options_of(record));
    if (entry[1] == "error") {
      ASSERT_FALSE(windows.ok()) << record;
      EXPECT_EQ(windows.error().id, "usage.truncation");
      continue;
    }
    ASSERT_TRUE(windows.ok()) << record;
    Fnv hash(64);
    for (const Encoding& window : windows.value()) {
      EXPECT_LE(window.ids.size(), record["max_length"].get<std::size_t>());
      hash.word(window.ids.size());
      add_columns(window, hash);
    }
    cut += windows.value().size() > 1 ? 1 : 0;
    EXPECT_EQ(hash.digits(), entry[1].get<std::string>()) << record;
    EXPECT_EQ(tokenizer_.encode_truncated(texts, options_of(record)).ids, windows.value().front().ids);
  }
  EXPECT_TRUE(expected_["windows"].empty() || cut > 20) << cut;
}

INSTANTIATE_TEST_SUITE_P(Vocabularies, Components,
                         testing::Values("uncased", "cased", "chinese", "roberta", "suffix", "prefix", "level",
                                         "spelled"),
                         [](const auto& instance) { return std::string(instance.param); });

}  // namespace
}  // namespace eigenformer_tests
