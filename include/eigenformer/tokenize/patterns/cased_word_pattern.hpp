// The pattern of GPT-4o (o200k), in which a word has its capitals at its begin:
// https://github.com/openai/tiktoken/blob/0.9.0/tiktoken_ext/openai_public.py#L101 as tokenizer.json writes it
#pragma once

#include <cstddef>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/patterns/pattern.hpp"
#include "eigenformer/tokenize/patterns/scanner.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

inline constexpr std::string_view k_o200k_pattern =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

/// The same in one pass. Every character belongs to a match.
class CasedWordPattern final : public Pattern {
 public:
  void find(std::string_view text, std::vector<PatternPart>& parts) const override {
    find_scanned(text, parts, match_end);
  }

 private:
  static CharacterClass class_of(std::uint16_t properties) {
    return static_cast<CharacterClass>(properties & property::k_class);
  }
  /// [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]
  static bool may_lead(std::uint16_t properties) {
    return class_of(properties) == CharacterClass::letter ? (properties & property::k_lower) == 0
                                                          : (properties & property::k_any_mark) != 0;
  }
  /// [\p{Ll}\p{Lm}\p{Lo}\p{M}]
  static bool may_follow(std::uint16_t properties) {
    return class_of(properties) == CharacterClass::letter ? (properties & property::k_upper) == 0
                                                          : (properties & property::k_any_mark) != 0;
  }

  struct Word {
    std::size_t end = 0;    ///< where it begins: there is none
    bool is_first = false;  ///< by the first alternative, which has the second part
  };
  /// A word without the character before it and the contraction behind it. Where no small letter ends the leading
  /// characters, the first alternative gives back as few of them as leave one for its second part.
  static Word word_at(const Scanner& scanner, std::size_t begin) {
    std::size_t lead_end = begin, last_of_both_end = begin;
    for (std::uint16_t properties = 0;; lead_end += scanner.character(lead_end).bytes) {
      if (lead_end > begin && may_follow(properties)) last_of_both_end = lead_end;
      properties = scanner.properties_at(lead_end);
      if (!may_lead(properties)) break;
    }
    const std::size_t end = scanner.run_end_if(lead_end, may_follow);
    if (end > lead_end) return {end, true};
    if (last_of_both_end > begin) return {last_of_both_end, true};
    return {lead_end, false};
  }

  static std::size_t match_end(const Scanner& scanner, std::size_t begin) {
    const std::uint16_t properties = scanner.properties_at(begin);
    const CharacterClass first = class_of(properties);
    if (first == CharacterClass::letter) return with_contraction(scanner, word_at(scanner, begin).end);
    if (first == CharacterClass::number) return scanner.digits_end(begin, 3);
    const std::size_t second = begin + scanner.character(begin).bytes;
    if (!scanner.is_newline(begin)) {
      Word word = word_at(scanner, second);
      // A mark may stand before a word, or be one.
      if (!word.is_first && (properties & property::k_any_mark) != 0) word = word_at(scanner, begin);
      if (word.end > second || word.is_first) return with_contraction(scanner, word.end);
    }
    if (first == CharacterClass::other) return signs_end(scanner, begin);
    if (scanner.byte(begin) == ' ' && scanner.class_at(second) == CharacterClass::other) {
      return signs_end(scanner, second);
    }
    return scanner.line_space_end(begin);
  }

  static std::size_t with_contraction(const Scanner& scanner, std::size_t end) {
    return end + scanner.contraction(end, LetterCase::ignored);
  }
  static std::size_t signs_end(const Scanner& scanner, std::size_t position) {
    position = scanner.run_end(position, CharacterClass::other);
    while (scanner.is_newline(position) || (position < scanner.size() && scanner.byte(position) == '/')) ++position;
    return position;
  }
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
