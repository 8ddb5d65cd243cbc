// Models of the sentencepiece library that are wrong in one place, and the languages of translation models.
#include <gtest/gtest.h>

#include "eigenformer/tokenize/files/sentencepiece_file.hpp"
#include "eigenformer/tokenize/languages.hpp"
#include "eigenformer/tokenize/load.hpp"
#include "eigenformer/tokenize/models/trie_nodes.hpp"
#include "eigenformer/tokenize/models/unigram.hpp"
#include "tests/support/errors.hpp"
#include "tests/tokenize/recorded.hpp"

namespace eigenformer_tests {
namespace {

using eigenformer::tokenize::Charsmap;
using eigenformer::tokenize::PieceList;
using eigenformer::tokenize::read_sentencepiece_file;

std::string length_field(int number, const std::string& bytes) {
  std::string text(1, static_cast<char>(number * 8 + 2));
  std::size_t size = bytes.size();
  for (; size > 127; size >>= 7U) text.push_back(static_cast<char>((size & 127U) | 128U));
  text.push_back(static_cast<char>(size));
  return text + bytes;
}
std::string piece(const std::string& text, int type = 1) {
  return length_field(1, length_field(1, text) + std::string("\x18", 1) + static_cast<char>(type));
}
std::string tail() { return length_field(2, std::string("\x18\x01", 2)) + length_field(3, std::string("\x18\x01", 2)); }
std::string error(const std::string& bytes) {
  return error_of([&] { read_sentencepiece_file(bytes, "spiece.model"); });
}
std::string error_id(const std::string& bytes) {
  const std::string text = error(bytes);
  return text.substr(0, text.find(": "));
}

TEST(SentencepieceFile, OneErrorForEachFault) {
  EXPECT_EQ(error(piece("<unk>", 2) + piece("a") + tail()), "no error");
  EXPECT_EQ(error(piece("<unk>", 2) + piece("a")),
            "tokenizer.sentencepiece_model: spiece.model: expected a trainer_spec, found none; use a model that was "
            "trained as \"unigram\" or \"bpe\", or its tokenizer.json");
  EXPECT_EQ(
      error(piece("<unk>", 2) + piece("") + tail()),
      "tokenizer.sentencepiece_piece: spiece.model, piece 1: expected a text, found none; download the file again");
  EXPECT_EQ(error_id(piece("<unk>", 2) + piece(std::string("a\0b", 3)) + tail()), "tokenizer.sentencepiece_piece");
  EXPECT_EQ(error_id(piece("<unk>", 2) + piece("a", 7) + tail()), "tokenizer.sentencepiece_piece");
  EXPECT_EQ(error_id(piece("<unk>", 2) + piece("a") + piece("a") + tail()), "tokenizer.duplicate_token");
  EXPECT_EQ(error_id(piece("<unk>", 2) + piece(std::string(100000, 'a')) + tail()), "tokenizer.token_too_long");
  EXPECT_EQ(error_id(piece("<unk>", 2) + piece("\xFF") + tail()), "tokenizer.token_text");
  EXPECT_EQ(error_id(piece("a") + tail()), "tokenizer.sentencepiece_model");
  EXPECT_EQ(error_id(piece("<unk>", 2) + piece("<0x00>", 6) + tail()), "tokenizer.sentencepiece_piece");
  EXPECT_EQ(
      error("<html>"),
      "tokenizer.protobuf_syntax: spiece.model, byte 1: expected a field of type 0, 1, 2 or 5, found 4; check that "
      "this is a sentencepiece model, and download it again");
}

TEST(SentencepieceFile, EveryPrefixIsAnError) {
  const std::string sound = file_text(k_tokenize_data / "spm_bpe/tokenizer.model");
  EXPECT_EQ(error(sound), "no error");
  for (std::size_t size = 0; size + 1 < sound.size(); size += size < 400 ? 1 : 97) {
    EXPECT_NE(error(sound.substr(0, size)), "no error") << size;
  }
}

std::string cells(std::initializer_list<std::uint32_t> values, const std::string& targets) {
  std::string bytes;
  const auto put = [&](std::uint32_t value) {
    for (unsigned k = 0; k < 4; ++k) bytes.push_back(static_cast<char>(value >> 8 * k));
  };
  put(static_cast<std::uint32_t>(4 * values.size()));
  for (const std::uint32_t value : values) put(value);
  return bytes + targets;
}

TEST(CharsmapTable, OneErrorForEachFault) {
  const auto error = [](const std::string& bytes) { return error_of([&] { Charsmap(bytes, "map"); }); };
  EXPECT_EQ(error(cells({0}, std::string("\0", 1))), "no error");
  EXPECT_EQ(
      error("abc"),
      "tokenizer.charsmap: map: expected a table of replacements with cells and texts in its 3 bytes, found 0 bytes "
      "of cells; download the file again");
  EXPECT_NE(error(cells({0}, "x")), "no error");                               // no zero byte at the end
  EXPECT_NE(error(cells({0x100U << 10U}, std::string("\0", 1))), "no error");  // leaves the cells
  EXPECT_NE(error(cells({2U << 10U, 0, 0, 1U | 0x100U | 3U << 10U}, std::string("\0", 1))), "no error");
}

TEST(UnigramModel, WithoutAnUnknownToken) {
  PieceList pieces;
  pieces.add("a", -1);
  const eigenformer::tokenize::Unigram model(std::move(pieces), {}, "vocab");
  std::vector<eigenformer::tokenize::PieceToken> tokens;
  EXPECT_EQ(error_of([&] { model.encoder()->encode("aa", tokens); }), "no error");
  EXPECT_EQ(
      error_of([&] { model.encoder()->encode("ab", tokens); }),
      "tokenizer.no_unknown_token: Tokenizer::encode: expected a vocabulary with an unknown token, or a text of its "
      "characters alone, found a character that no piece has; use the tokenizer that belongs to the model");
  PieceList wrong;
  wrong.add("a", std::numeric_limits<double>::infinity());
  EXPECT_EQ(
      error_of([&] { eigenformer::tokenize::Unigram(std::move(wrong), {}, "vocab"); }),
      "tokenizer.piece_score: vocab, piece 0: expected a number as the score of \"a\", found inf; download the file "
      "again");
}

TEST(PieceTries, VocabulariesHaveALimit) {
  const std::string long_text(eigenformer::tokenize::k_most_trie_nodes - 3, 'a'), other_text = "bbb";
  using Piece = eigenformer::tokenize::PieceTrie::Piece;
  const std::vector<Piece> most = {
      {long_text, 0}, {std::string_view(long_text).substr(3), 1}, {std::string_view(other_text).substr(1), 2}};
  const eigenformer::tokenize::PieceTrie trie(most, "vocab");
  EXPECT_EQ(trie.find(long_text), 0);
  EXPECT_EQ(
      error_of([&] {
        eigenformer::tokenize::PieceTrie(std::vector<Piece>{{long_text, 0}, {other_text, 1}}, "vocab");
      }),
      "tokenizer.vocabulary_size: vocab: expected tokens with at most 2621440 different beginnings, found 2621441; "
      "check that this is the file you meant");
}

TEST(LanguagesOfAModel, ByCodeAndName) {
  eigenformer::tokenize::Languages languages(eigenformer::LanguageMarks::source);
  languages.add("eng_Latn", 5);
  languages.add("fra_Latn", 7);
  languages.add("zho_Hans", 8);
  languages.add("zho_Hant", 9);
  for (const char* name : {"fra_Latn", "fra", "fr", "French", "french", "FR"}) EXPECT_EQ(languages.token(name, ""), 7);
  EXPECT_EQ(languages.token("Chinese", ""), 8);
  EXPECT_EQ(languages.token("zho-Hant", ""), 9);
  EXPECT_EQ(
      error_of([&] { languages.token("Klingon", "Tokenizer::language_token"); }),
      "usage.language: Tokenizer::language_token: expected a language of the model: eng_Latn, fra_Latn, zho_Hans, "
      "zho_Hant, found \"Klingon\"; give one of Tokenizer::languages() (eigenformer inspect --json)");
  const auto perhaps = [&](const char* language) { return error_of([&] { languages.token(language, "to"); }); };
  const std::string remedy = "; give one of Tokenizer::languages() (eigenformer inspect --json)";
  EXPECT_EQ(perhaps("fr_CA"),
            "usage.language: to: expected a language of the model: perhaps fra_Latn, found \"fr_CA\"" + remedy);
  EXPECT_EQ(perhaps("Frensh"),
            "usage.language: to: expected a language of the model: perhaps fra_Latn, found \"Frensh\"" + remedy);
  EXPECT_EQ(
      perhaps("zho_Hanz"),
      "usage.language: to: expected a language of the model: perhaps zho_Hans, zho_Hant, found \"zho_Hanz\"" + remedy);
  EXPECT_EQ(perhaps("x"),
            "usage.language: to: expected a language of the model: eng_Latn, fra_Latn, zho_Hans, "
            "zho_Hant, found \"x\"" +
                remedy);
}

}  // namespace
}  // namespace eigenformer_tests
