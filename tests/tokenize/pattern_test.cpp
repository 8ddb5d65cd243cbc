// The hand-written scanners against PCRE2 and against cases by hand; what a pattern may not do.
#include <gtest/gtest.h>

#include <chrono>
#include <map>

#include "eigenformer/tokenize/load.hpp"
#include "eigenformer/tokenize/patterns/cased_word_pattern.hpp"
#include "eigenformer/tokenize/patterns/deepseek_patterns.hpp"
#include "eigenformer/tokenize/patterns/gpt2_pattern.hpp"
#include "eigenformer/tokenize/patterns/regex_pattern.hpp"
#include "eigenformer/tokenize/patterns/word_pattern.hpp"
#include "eigenformer/tokenize/pre_tokenizers/split.hpp"
#include "eigenformer/tokenize/source_text.hpp"
#include "tests/support/errors.hpp"
#include "tests/tokenize/recorded.hpp"

namespace eigenformer_tests {
namespace {

using namespace eigenformer::tokenize;  // the room under test
using Texts = std::vector<std::string>;

Texts matches(const Pattern& pattern, const std::string& text) {
  std::vector<PatternPart> parts;
  pattern.find(text, parts);
  Texts found;
  std::uint32_t position = 0;
  for (const PatternPart& part : parts) {
    EXPECT_EQ(part.begin, position) << "a gap or an overlap in " << testing::PrintToString(text);
    position = part.end;
    found.push_back((part.matched ? "" : "no:") + text.substr(part.begin, part.end - part.begin));
  }
  EXPECT_EQ(position, text.size());
  return found;
}

/// What the scanners ask of a character, as PCRE2 sees it.
std::uint16_t pcre2_properties(const std::string& one) {
  static const RegexPattern letters(R"(\p{L})", ""), numbers(R"(\p{N})", ""), spaces(R"(\s)", ""),
      upper(R"([\p{Lu}\p{Lt}])", ""), lower(R"(\p{Ll})", ""), marks(R"(\p{M})", ""), signs(R"([\p{P}\p{S}])", "");
  const auto is = [&](const RegexPattern& pattern) { return matches(pattern, one)[0] == one; };
  const CharacterClass expected = is(letters)   ? CharacterClass::letter
                                  : is(numbers) ? CharacterClass::number
                                  : is(spaces)  ? CharacterClass::space
                                                : CharacterClass::other;
  auto properties = static_cast<std::uint16_t>(expected);
  if (is(upper)) properties |= property::k_upper;
  if (is(lower)) properties |= property::k_lower;
  if (is(marks)) properties |= property::k_any_mark;
  if (is(signs)) properties |= property::k_sign;
  return properties;
}

/// PCRE2 may know another version of Unicode: characters that the scanners' tables class otherwise are left out.
std::string without_newer_characters(std::string_view text) {
  constexpr std::uint16_t k_asked =
      property::k_class | property::k_upper | property::k_lower | property::k_any_mark | property::k_sign;
  static std::map<char32_t, bool> known;
  std::string kept;
  for (std::size_t k = 0; k < text.size();) {
    const Character character = character_at(text, k);
    const std::string one(text.substr(k, character.bytes));
    const auto [entry, is_new] = known.try_emplace(character.code_point);
    if (is_new) {
      entry->second = (CharacterProperties::table().of(character.code_point) & k_asked) == pcre2_properties(one);
    }
    if (entry->second) kept += one;
    k += character.bytes;
  }
  return kept;
}

/// Texts of few characters that patterns tell apart, so that every way through a pattern is taken.
std::vector<std::string> dense_texts() {
  const char* parts[] = {"a",  "B",  "\xC7\x85", "\xCA\xB0",     "\xE4\xB8\x80", "\xCC\x81", "1",           "\xC2\xBD",
                         " ",  "\n", "\r",       "\t",           "\xC2\xA0",     "'",        "s",           "ll",
                         "RE", "/",  "!",        "\xE2\x82\xAC", "\xE3\x81\x82", "\x01",     "\xEF\xBF\xBF"};
  std::vector<std::string> texts;
  std::uint32_t state = 1;
  const auto next = [&](std::uint32_t limit) {
    state = state * 1664525U + 1013904223U;
    return (state >> 16U) % limit;
  };
  for (int k = 0; k < 20000; ++k) {
    std::string& text = texts.emplace_back();
    for (std::uint32_t length = 1 + next(9); length > 0; --length) text += parts[next(std::size(parts))];
  }
  return texts;
}

TEST(ScannerTest, EqualsPcre2OnHardTexts) {
  const RegexPattern gpt2(k_gpt2_pattern, ""), llama3(k_llama3_pattern, ""), qwen2(k_qwen2_pattern, ""),
      o200k(k_o200k_pattern, ""), digits(k_three_digits_pattern, ""), east_asian(k_east_asian_pattern, ""),
      deepseek(k_deepseek_pattern, "");
  std::size_t kept = 0;
  std::vector<std::string> texts = hard_texts();
  for (std::string& text : dense_texts()) texts.push_back(std::move(text));
  for (const std::string& given : texts) {
    const std::string text = without_newer_characters(SourceText(given).text());
    if (text.empty()) continue;
    kept += text.size();
    EXPECT_EQ(matches(Gpt2Pattern(), text), matches(gpt2, text));
    EXPECT_EQ(matches(WordPattern(3), text), matches(llama3, text));
    EXPECT_EQ(matches(WordPattern(1), text), matches(qwen2, text));
    EXPECT_EQ(matches(CasedWordPattern(), text), matches(o200k, text));
    EXPECT_EQ(matches(ThreeDigitsPattern(), text), matches(digits, text));
    EXPECT_EQ(matches(EastAsianPattern(), text), matches(east_asian, text));
    EXPECT_EQ(matches(DeepseekPattern(), text), matches(deepseek, text));
  }
  EXPECT_GT(kept, 100000U);
}

TEST(ScannerTest, Gpt2ByHand) {
  EXPECT_EQ(matches(Gpt2Pattern(), "Hello  world's 12 (a)\n\n x"),
            (Texts{"Hello", " ", " world", "'s", " 12", " (", "a", ")", "\n\n", " x"}));
  EXPECT_EQ(matches(Gpt2Pattern(), "'S'LL \t"), (Texts{"'", "S", "'", "LL", " \t"}));
  EXPECT_EQ(matches(Gpt2Pattern(), " "), (Texts{" "}));
}

TEST(ScannerTest, Llama3ByHand) {
  EXPECT_EQ(matches(WordPattern(3), "I'LL pay 1234567$!\r\n \n\n  ok"),
            (Texts{"I", "'LL", " pay", " ", "123", "456", "7", "$!\r\n", " \n\n", " ", " ok"}));
  EXPECT_EQ(matches(WordPattern(1), "\tx\n'\xC5\xBFy"), (Texts{"\tx", "\n", "'\xC5\xBF", "y"}));
}

TEST(ScannerTest, O200kByHand) {
  EXPECT_EQ(matches(CasedWordPattern(),
                    "HelloWORLD'll it's(x)/\n/ \xE4\xB8\x80"
                    "A"),
            (Texts{"Hello", "WORLD'll", " it's", "(x", ")/\n/", " \xE4\xB8\x80", "A"}));
}

TEST(ScannerTest, DeepseekByHand) {
  EXPECT_EQ(matches(DeepseekPattern(), "(ab)!?\n 12 \tx"), (Texts{"(ab", ")!?\n", " ", "no:12", " ", "\tx"}));
}

TEST(MakePatternTest, KnownTextsGetScanners) {
  EXPECT_NE(dynamic_cast<const Gpt2Pattern*>(make_pattern(k_gpt2_pattern, "").get()), nullptr);
  EXPECT_NE(dynamic_cast<const WordPattern*>(make_pattern(k_llama3_pattern, "").get()), nullptr);
  EXPECT_NE(dynamic_cast<const WordPattern*>(make_pattern(k_qwen2_pattern, "").get()), nullptr);
  EXPECT_NE(dynamic_cast<const CasedWordPattern*>(make_pattern(k_o200k_pattern, "").get()), nullptr);
  EXPECT_NE(dynamic_cast<const DeepseekPattern*>(make_pattern(k_deepseek_pattern, "").get()), nullptr);
  EXPECT_NE(dynamic_cast<const RegexPattern*>(make_pattern(R"(\p{N})", "").get()), nullptr);
}

TEST(RegexPatternTest, EmptyMatchesCutAsOnigurumaHasIt) {
  EXPECT_EQ(matches(RegexPattern("x*", ""), "axxb"), (Texts{"", "no:a", "xx", "no:b", ""}));
}

TEST(RegexPatternTest, TranslatesWhatIsWrittenDifferently) {
  EXPECT_EQ(translate_pattern(R"(\u4e00\v\x41[\p{Lu}\-a-z]{1,3}?(?i:x)(?<!y)\x{1F600}a{2})", ""),
            R"(\x{4e00}\x0B\x41[\p{Lu}\-a-z]{1,3}?(?i:x)(?<!y)\x{1F600}a{2})");
}

TEST(RegexPatternTest, WhiteSpaceIsUnicodes) {
  EXPECT_EQ(matches(RegexPattern(R"(\s)", ""), "\xE1\xA0\x8E "), (Texts{"no:\xE1\xA0\x8E", " "}));
  EXPECT_EQ(matches(RegexPattern(R"([^\s])", ""), "\xE1\xA0\x8E\xC2\x85"), (Texts{"\xE1\xA0\x8E", "no:\xC2\x85"}));
  EXPECT_EQ(matches(RegexPattern(R"(\S+)", ""), "a\xE3\x80\x80"), (Texts{"a", "no:\xE3\x80\x80"}));
}

TEST(RegexPatternTest, RefusesWhatIsUnderstoodDifferently) {
  for (const char* pattern :
       {R"(\w+)",  R"(\b)",  R"(\h)", R"(\R)",      R"(\X)",    R"(\1)",       R"(\k<a>)", R"(\pL)",
        R"(\xE9)", "(?m:a)", "(?x)",  "(?<name>a)", "(*UTF8)a", "[[:alpha:]]", "[a&&b]",   "[a[b]]",
        "[]a]",    "[a",     "a{,3}", "a{2}?",      "a{1,2}+",  "\\",          R"(\u12)",  R"(\p{L)"}) {
    EXPECT_EQ(error_id_of([&] { RegexPattern(pattern, ""); }), "tokenizer.pattern_construct") << pattern;
  }
  EXPECT_EQ(
      error_of([] { RegexPattern(R"(a\wb)", "tokenizer.json, pre_tokenizer"); }),
      "tokenizer.pattern_construct: tokenizer.json, pre_tokenizer: expected a pattern of constructs that mean the "
      "same in Oniguruma and in PCRE2, found \"\\w\" at byte 1 of \"a\\wb\"; use the model's GGUF file, or "
      "report the pattern so that it gets a scanner");
}

TEST(RegexPatternTest, RefusesWhatCannotBeCompiled) {
  for (const char* pattern : {"(", ")", "a{3,1}", R"(\p{Nonsense})", "(?<=a+)"}) {
    EXPECT_EQ(error_id_of([&] { RegexPattern(pattern, ""); }), "tokenizer.pattern_syntax") << pattern;
  }
  const std::string nested = std::string(1000, '(') + std::string(1000, ')');
  EXPECT_EQ(error_id_of([&] { RegexPattern(nested, ""); }), "tokenizer.pattern_syntax");
}

/// A text of a megabyte, which a quadratic search would spend minutes on.
TEST(RegexPatternTest, HostilePatternsEndInAnErrorSoon) {
  const std::string run(1000000, 'a');
  for (const char* pattern :
       {R"((a+)+\p{N})", R"((a|a)*\p{N})", R"((a*)*\p{N})", R"((?:a?){60}a{60}\p{N})", R"(a+\p{N})", R"(a+?\p{N})",
        R"((?=a*b)a)", R"(a{65535}\p{N})", R"(\p{L}{30000}\p{N})", R"((?i:A+)\p{N})"}) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(error_id_of([&] { matches(RegexPattern(pattern, ""), run); }), "tokenizer.pattern_limit") << pattern;
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20)) << pattern;
  }
}

TEST(RegexPatternTest, StepsOfAllMatchesCountTogether) {
  const RegexPattern pattern(R"(x|a+\p{N})", "tokenizer.json, pre_tokenizer");
  std::string text;
  for (int k = 0; k < 40; ++k) text += std::string(1000, 'a') + "x";
  EXPECT_EQ(matches(pattern, text.substr(0, 1001)).size(), 2U);  // 500,000 steps
  EXPECT_EQ(
      error_of([&] { matches(pattern, text); }),
      "tokenizer.pattern_limit: tokenizer.json, pre_tokenizer: expected a pattern that splits a text of 40040 bytes "
      "in steps in proportion to its length, found \"x|a+\\p{N}\" (more than 3562624 steps); shorten the text, or "
      "use a tokenizer with a simpler pattern");
}

TEST(RegexPatternTest, SpacesAtTheEndOfALineTakeLinearTime) {
  EXPECT_EQ(matches(RegexPattern(R"(\s+$)", ""), "a  \n b \t \n\n c "),
            (Texts{"no:a", "  ", "no:\n b", " \t \n", "no:\n c", " "}));
  EXPECT_EQ(matches(RegexPattern(R"(\s\p{N}?|x|\s+$)", ""), "  1  "), (Texts{" ", " 1", " ", " "}));
  EXPECT_EQ(matches(RegexPattern(R"(\p{L}\s|\s+$)", ""), "ab   "), (Texts{"no:a", "b ", "  "}));
  EXPECT_EQ(translate_pattern(R"(a$|\|\s+$)", "").find("\\G"), std::string::npos);
  const std::string run = std::string(1000000, ' ') + "x";
  EXPECT_EQ(matches(RegexPattern(R"(\p{L}|\s+$)", ""), run), (Texts{"no:" + run.substr(0, 1000000), "x"}));
}

TEST(RegexPatternTest, ALetterOfAnyCaseIsFoundInLinearTime) {
  const RegexPattern pattern("(?i:a)", "");
  std::vector<PatternPart> parts;
  const auto begin = std::chrono::steady_clock::now();
  pattern.find(std::string(1000000, 'A'), parts);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_EQ(parts.size(), 1000000U);
}

/// The patterns of models, by PCRE2, on all hard texts and single signs in one text.
TEST(RegexPatternTest, OrdinaryPatternsStayWithinTheLimit) {
  std::string text;
  for (const std::string& hard : hard_texts()) text += SourceText(hard).text();
  for (const std::string& dense : dense_texts()) text += dense;
  for (const std::string_view pattern :
       {k_gpt2_pattern, k_llama3_pattern, k_o200k_pattern, k_deepseek_pattern, std::string_view(R"([0-9a-f]{8}-)"),
        std::string_view(" {2,}"), std::string_view(R"(\s+$)")}) {
    std::vector<PatternPart> parts;
    EXPECT_EQ(error_of([&] { RegexPattern(pattern, "").find(text, parts); }), "no error");
    EXPECT_FALSE(parts.empty()) << pattern;
  }
}

Texts split(const std::string& text, SplitBehavior behavior, SplitAt delimiters = SplitAt::matches) {
  PreTokenizedText pieces{AlignedText(text, 0)};
  split_pieces(pieces, RegexPattern("-", ""), behavior, delimiters);
  Texts result;
  for (const Piece& piece : pieces.pieces) result.emplace_back(pieces.piece(piece));
  return result;
}

TEST(SplitTest, Behaviors) {
  const std::string text = "the-final--countdown";
  EXPECT_EQ(split(text, SplitBehavior::removed), (Texts{"the", "final", "countdown"}));
  EXPECT_EQ(split(text, SplitBehavior::isolated), (Texts{"the", "-", "final", "-", "-", "countdown"}));
  EXPECT_EQ(split(text, SplitBehavior::merged_with_previous), (Texts{"the-", "final-", "-", "countdown"}));
  EXPECT_EQ(split(text, SplitBehavior::merged_with_next), (Texts{"the", "-final", "-", "-countdown"}));
  EXPECT_EQ(split(text, SplitBehavior::contiguous), (Texts{"the", "-", "final", "--", "countdown"}));
  EXPECT_EQ(split(text, SplitBehavior::removed, SplitAt::gaps), (Texts{"-", "-", "-"}));
  EXPECT_EQ(split("--a", SplitBehavior::merged_with_previous), (Texts{"-", "-", "a"}));
  EXPECT_EQ(split("a--", SplitBehavior::merged_with_next), (Texts{"a", "-", "-"}));
}

}  // namespace
}  // namespace eigenformer_tests
