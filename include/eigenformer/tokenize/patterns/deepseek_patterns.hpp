// The patterns of DeepSeek V3, which follow one another: digits, Chinese and Japanese, and the words of what remains.
// https://huggingface.co/deepseek-ai/DeepSeek-V3/blob/main/tokenizer.json
#pragma once

#include <cstddef>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/patterns/pattern.hpp"
#include "eigenformer/tokenize/patterns/scanner.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

inline constexpr std::string_view k_three_digits_pattern = R"(\p{N}{1,3})";
inline constexpr std::string_view k_east_asian_pattern = "[一-龥぀-ゟ゠-ヿ]+";
inline constexpr std::string_view k_deepseek_pattern =
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
    "| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+";

class ThreeDigitsPattern final : public Pattern {
 public:
  void find(std::string_view text, std::vector<PatternPart>& parts) const override {
    find_scanned(text, parts,
                 [](const Scanner& scanner, std::size_t position) { return scanner.digits_end(position, 3); });
  }
};

/// Hiragana, Katakana and the ideographs of Unicode 1.1.
class EastAsianPattern final : public Pattern {
 public:
  void find(std::string_view text, std::vector<PatternPart>& parts) const override {
    find_scanned(text, parts, [](const Scanner& scanner, std::size_t position) {
      while (position < scanner.size()) {
        const Character character = scanner.character(position);
        const char32_t c = character.code_point;
        if (!((c >= 0x4E00 && c <= 0x9FA5) || (c >= 0x3040 && c <= 0x30FF))) break;
        position += character.bytes;
      }
      return position;
    });
  }
};

class DeepseekPattern final : public Pattern {
 public:
  void find(std::string_view text, std::vector<PatternPart>& parts) const override {
    find_scanned(text, parts, match_end);
  }

 private:
  static bool is_letter(std::uint16_t properties) {
    return static_cast<CharacterClass>(properties & property::k_class) == CharacterClass::letter;
  }
  static bool is_of_word(std::uint16_t properties) {
    return is_letter(properties) || (properties & property::k_any_mark) != 0;
  }
  static bool is_sign(std::uint16_t properties) { return (properties & property::k_sign) != 0; }
  static bool is_ascii_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

  static std::size_t match_end(const Scanner& scanner, std::size_t begin) {
    const std::uint16_t properties = scanner.properties_at(begin);
    const std::size_t second = begin + scanner.character(begin).bytes;
    if (is_sign(properties) && second == begin + 1) {  // a sign of ASCII
      std::size_t end = second;
      while (end < scanner.size() && is_ascii_letter(scanner.byte(end))) ++end;
      if (end > second) return end;
    }
    if (is_of_word(properties)) return scanner.run_end_if(begin, is_of_word);
    if (is_sign(properties)) return signs_end(scanner, begin);
    if (!scanner.is_newline(begin)) {
      if (const std::size_t end = scanner.run_end_if(second, is_of_word); end > second) return end;
    }
    if (scanner.byte(begin) == ' ' && is_sign(scanner.properties_at(second))) return signs_end(scanner, second);
    return scanner.class_at(begin) == CharacterClass::space ? scanner.line_space_end(begin) : begin;
  }
  static std::size_t signs_end(const Scanner& scanner, std::size_t position) {
    return scanner.newlines_end(scanner.run_end_if(position, is_sign));
  }
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
