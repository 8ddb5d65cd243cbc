// Every class of transformers that reads a sentencepiece model, against what tests/tokenize/classes_recipe.py recorded.
#include <gtest/gtest.h>

#include <algorithm>

#include "eigenformer/tokenize/load.hpp"
#include "tests/support/copy_into.hpp"
#include "tests/support/errors.hpp"
#include "tests/tokenize/recorded.hpp"

namespace eigenformer_tests {
namespace {

using eigenformer::TokenId;
using eigenformer::Tokenizer;
using Ids = std::vector<TokenId>;

const nlohmann::json& expected_classes() {
  static const auto expected = nlohmann::json::parse(file_text(k_tokenize_data / "classes/expected.json"));
  return expected;
}

Tokenizer load_class(const std::string& name) {
  return eigenformer::tokenize::load_tokenizer_folder(k_tokenize_data / "classes" / name);
}

/// The folder of a class with another tokenizer_config.json.
Tokenizer load_variant(const nlohmann::json& config) {
  const testing::TestInfo& test = *testing::UnitTest::GetInstance()->current_test_info();
  std::string name = std::string(test.test_suite_name()) + "_" + test.name();
  std::replace(name.begin(), name.end(), '/', '_');
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / ("eigenformer_" + name);
  std::filesystem::remove_all(folder);
  eigenformer_tests::copy_into(k_tokenize_data / "classes" / config.at("tokenizer_class").get<std::string>(), folder);
  std::ofstream(folder / "tokenizer_config.json") << config;
  const Tokenizer tokenizer = eigenformer::tokenize::load_tokenizer_folder(folder);
  std::filesystem::remove_all(folder);
  return tokenizer;
}

class SentencepieceTexts : public testing::TestWithParam<const char*> {
 protected:
  const nlohmann::json& expected_ = expected_classes().at("classes").at(GetParam());
  Tokenizer tokenizer_ = expected_.contains("config") ? load_variant(expected_["config"]) : load_class(GetParam());
};
class SentencepieceClasses : public SentencepieceTexts {};

TEST_P(SentencepieceTexts, TextsHaveTheSameIdsAndDecodings) {
  const nlohmann::json& texts = expected_classes().at("texts");
  ASSERT_GE(texts.size(), 60U);
  const std::size_t stride = expected_.contains("config") ? 4 : 1;
  ASSERT_EQ((texts.size() + stride - 1) / stride, expected_.at("texts").size());
  for (std::size_t k = 0; k < texts.size(); k += stride) {
    const auto text = texts[k].get<std::string>();
    const nlohmann::json& line = expected_["texts"][k / stride];
    EXPECT_EQ(tokenizer_.encode(text), line[0].get<Ids>()) << k << ": " << testing::PrintToString(text);
    const auto ids = line[0].get<Ids>();
    EXPECT_EQ(tokenizer_.decode(ids), line[1].get<std::string>()) << k;
    EXPECT_EQ(tokenizer_.decode(ids, {.skip_special_tokens = true}), line[2].get<std::string>()) << k;
  }
}

TEST_P(SentencepieceTexts, TokensLieWhereTransformersFindsThem) {
  const nlohmann::json& texts = expected_classes().at("texts");
  const std::size_t stride = expected_.contains("config") ? 4 : 1;
  std::size_t known = 0;
  for (std::size_t k = 0; k < texts.size(); k += stride) {
    const nlohmann::json& places = expected_.at("places")[k / stride];
    if (places.is_null()) continue;
    ++known;
    const auto text = texts[k].get<std::string>();
    const eigenformer::Encoding found = tokenizer_.encode_with_offsets(text);
    std::vector<std::pair<std::size_t, std::size_t>> characters;
    for (const auto& span : character_spans(text, found.offsets)) characters.emplace_back(span.begin, span.end);
    EXPECT_EQ(characters, places[0].get<decltype(characters)>()) << k << ": " << testing::PrintToString(text);
    EXPECT_EQ(found.words, places[1].get<std::vector<std::int32_t>>()) << k << ": " << testing::PrintToString(text);
  }
  const bool runs_the_library = std::string(GetParam()).find("M") == 0 && known == 0;  // Marian, M2M100: it knows none
  EXPECT_TRUE(runs_the_library || known >= expected_["places"].size() / 2) << known;
}

TEST_P(SentencepieceTexts, PairsHaveTheSameIdsAndTypes) {
  const nlohmann::json& pairs = expected_classes().at("pairs");
  ASSERT_EQ(pairs.size(), expected_.at("pairs").size());
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    const auto first = pairs[k][0].get<std::string>();
    const auto second = pairs[k][1].get<std::string>();
    const eigenformer::Encoding found = tokenizer_.encode_pair({.first = first, .second = second});
    EXPECT_EQ(found.ids, expected_["pairs"][k][0].get<Ids>()) << k;
    if (expected_["pairs"][k][1].is_null()) continue;
    EXPECT_EQ(found.type_ids, expected_["pairs"][k][1].get<std::vector<std::int32_t>>()) << k;
  }
}

TEST_P(SentencepieceClasses, NamedTokensAndTheRestOfTheVocabularyHaveTheSameIds) {
  const auto named = [&](const char* name) -> std::optional<TokenId> {
    const auto found = expected_.at("named").find(name);
    return found == expected_.at("named").end() ? std::nullopt : std::optional<TokenId>(found->get<TokenId>());
  };
  EXPECT_EQ(tokenizer_.end_of_sequence(), named("eos_token"));
  EXPECT_EQ(tokenizer_.unknown(), named("unk_token"));
  EXPECT_EQ(tokenizer_.padding(), named("pad_token"));
  EXPECT_EQ(tokenizer_.separator(), named("sep_token"));
  EXPECT_EQ(tokenizer_.classifier(), named("cls_token"));
  EXPECT_EQ(tokenizer_.mask(), named("mask_token"));
  if (named("bos_token")) {
    EXPECT_EQ(tokenizer_.beginning_of_sequence(), named("bos_token"));
  }
  ASSERT_FALSE(expected_.at("tokens").empty());
  for (const auto& [id, token] : expected_["tokens"].items()) {
    EXPECT_EQ(tokenizer_.token(static_cast<TokenId>(std::stol(id))), token.get<std::string>()) << id;
    EXPECT_EQ(tokenizer_.token_id(token.get<std::string>()), std::stol(id)) << token;
  }
}

TEST_P(SentencepieceClasses, TheSameTokensAreSpecial) {
  Ids special;
  for (std::size_t k = 0; k < tokenizer_.vocabulary_size(); ++k) {
    if (tokenizer_.is_special(static_cast<TokenId>(k))) special.push_back(static_cast<TokenId>(k));
  }
  EXPECT_EQ(special, expected_.at("special").get<Ids>());
}

TEST_P(SentencepieceClasses, LanguagesAreWhatTransformersForcesAsTheFirstToken) {
  std::vector<std::string> codes = tokenizer_.languages();
  EXPECT_EQ(codes.size(), expected_.at("languages").size());
  for (const auto& [code, id] : expected_["languages"].items()) {
    EXPECT_NE(std::find(codes.begin(), codes.end(), code), codes.end()) << code;
    EXPECT_EQ(tokenizer_.language_token(code), id.get<TokenId>()) << code;
  }
  for (const nlohmann::json& line : expected_.at("translations")) {
    const auto source = line[0].get<std::string>();
    EXPECT_EQ(tokenizer_.encode("Hello world.", {.source_language = source}), line[2].get<Ids>()) << source;
  }
}

std::vector<const char*> classes() {
  return {"XLMRobertaTokenizer", "MBartTokenizer",  "MBart50Tokenizer", "NllbTokenizer",      "M2M100Tokenizer",
          "MarianTokenizer",     "AlbertTokenizer", "XLNetTokenizer",   "CamembertTokenizer", "BigBirdTokenizer",
          "PegasusTokenizer",    "T5Tokenizer",     "LlamaTokenizer",   "GemmaTokenizer"};
}
std::string name_of(const testing::TestParamInfo<const char*>& instance) { return instance.param; }

INSTANTIATE_TEST_SUITE_P(All, SentencepieceTexts, testing::ValuesIn(classes()), name_of);
INSTANTIATE_TEST_SUITE_P(All, SentencepieceClasses, testing::ValuesIn(classes()), name_of);
INSTANTIATE_TEST_SUITE_P(Variants, SentencepieceTexts,
                         testing::Values("AlbertTokenizer_keeps_accents", "XLNetTokenizer_lower_case",
                                         "T5Tokenizer_ten_extra_ids", "PegasusTokenizer_offset", "NllbTokenizer_legacy",
                                         "MBartTokenizer_from_romanian", "MBart50Tokenizer_from_french",
                                         "M2M100Tokenizer_wmt21", "LlamaTokenizer_no_prefix", "LlamaTokenizer_legacy",
                                         "GemmaTokenizer_end"),
                         name_of);

struct NamedLanguage {
  const char* class_name;
  const char* code;
  std::vector<const char*> names;
};

TEST(SentencepieceLanguages, ByNameAndByCodeOfIso639) {
  const NamedLanguage languages[] = {
      {"NllbTokenizer", "fra_Latn", {"fra_Latn", "fra", "fr", "French", "FRENCH"}},
      {"NllbTokenizer", "deu_Latn", {"deu_Latn", "deu", "de", "German"}},
      {"NllbTokenizer", "eng_Latn", {"eng", "en", "English"}},
      {"M2M100Tokenizer", "fr", {"fr", "fra", "French", "french"}},
      {"M2M100Tokenizer", "de", {"de", "deu", "German"}},
      {"MBartTokenizer", "ro_RO", {"ro_RO", "ro", "ron", "Romanian"}},
      {"MBart50Tokenizer", "uk_UA", {"uk_UA", "uk", "ukr", "Ukrainian"}},
      {"MBart50Tokenizer", "fr_XX", {"fr_XX", "fr", "fra", "French"}},
      {"MarianTokenizer", "deu", {"deu", "de", "German"}},
  };
  for (const NamedLanguage& language : languages) {
    const Tokenizer tokenizer = load_class(language.class_name);
    const nlohmann::json& expected = expected_classes().at("classes").at(language.class_name).at("languages");
    for (const char* name : language.names) {
      EXPECT_EQ(tokenizer.language_token(name), expected.at(language.code).get<TokenId>())
          << language.class_name << " " << name;
    }
  }
}

TEST(SentencepieceLanguages, OneThatTheModelLacks) {
  const Tokenizer tokenizer = load_class("MarianTokenizer");
  EXPECT_EQ(
      error_of([&] { tokenizer.language_token("Klingon"); }),
      "usage.language: Tokenizer::language_token: expected a language of the model: fra, deu, found \"Klingon\"; give "
      "one of Tokenizer::languages() (eigenformer inspect --json)");
}

}  // namespace
}  // namespace eigenformer_tests
