// What the hand-written scanners share: runs of one class of characters, and English contractions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/patterns/pattern.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Whether `'S` is a contraction as `'s` is.
enum class LetterCase : std::uint8_t { exact, ignored };

/// Walks over a text. Positions are bytes, always at the begin of a character or at the end.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::size_t size() const { return text_.size(); }
  char byte(std::size_t position) const { return text_[position]; }
  Character character(std::size_t position) const { return character_at(text_, position); }

  /// The class of the character at a position; at the end that of white space, which no run of anything else passes.
  CharacterClass class_at(std::size_t position) const {
    return static_cast<CharacterClass>(properties_at(position) & property::k_class);
  }
  /// The end of the run of one class that begins at a position.
  std::size_t run_end(std::size_t position, CharacterClass wanted) const {
    while (position < text_.size()) {
      if (const auto byte = static_cast<unsigned char>(text_[position]); byte < 128) {
        if (character_detail::k_ascii_classes[byte] != wanted) break;
        ++position;
        continue;
      }
      const Character next = character(position);
      if (static_cast<CharacterClass>(table_.of(next.code_point) & property::k_class) != wanted) break;
      position += next.bytes;
    }
    return position;
  }
  /// The bits of character_properties.hpp for the character at a position; at the end those of white space.
  std::uint16_t properties_at(std::size_t position) const {
    if (position >= text_.size()) return static_cast<std::uint16_t>(CharacterClass::space);
    return table_.of(character(position).code_point);
  }
  /// The end of the run of characters that begins at a position and for whose properties `test` holds.
  template <class Test>
  std::size_t run_end_if(std::size_t position, Test test) const {
    while (position < text_.size()) {
      const Character next = character(position);
      if (!test(table_.of(next.code_point))) break;
      position += next.bytes;
    }
    return position;
  }
  bool is_newline(std::size_t position) const {
    return position < text_.size() && (text_[position] == '\r' || text_[position] == '\n');
  }
  /// The bytes of 's, 't, 're, 've, 'm, 'll or 'd at a position, or 0.
  std::size_t contraction(std::size_t position, LetterCase letter_case) const;
  /// The end of what `\s+(?!\S)|\s+` matches in the run of white space [begin, end): all of it at the end of the text,
  /// else all but its last character, unless there is only one.
  std::size_t space_end(std::size_t begin, std::size_t end) const {
    if (end == text_.size()) return end;
    const std::size_t last = previous_character(text_, end);
    return last == begin ? end : last;
  }

  /// The end of what `\s*[\r\n]+|\s+(?!\S)|\s+` matches from `begin` on: up to the last line break of the run of white
  /// space, if it has one.
  std::size_t line_space_end(std::size_t begin) const {
    const std::size_t end = run_end(begin, CharacterClass::space);
    for (std::size_t k = end; k > begin; --k) {
      if (is_newline(k - 1)) return k;
    }
    return space_end(begin, end);
  }

  /// The end of a run of at most `most` numbers.
  std::size_t digits_end(std::size_t position, std::size_t most) const {
    for (std::size_t k = 0; k < most && class_at(position) == CharacterClass::number; ++k) {
      position += character(position).bytes;
    }
    return position;
  }
  /// The end of a run of line breaks.
  std::size_t newlines_end(std::size_t position) const {
    while (is_newline(position)) ++position;
    return position;
  }

 private:
  std::string_view text_;
  const CharacterProperties& table_ = CharacterProperties::table();
};

inline std::size_t Scanner::contraction(std::size_t position, LetterCase letter_case) const {
  constexpr std::string_view k_long_s = "\xC5\xBF";  // U+017F, whose capital is S
  if (position >= text_.size() || text_[position] != '\'') return 0;
  const std::string_view rest = text_.substr(position + 1, 2);
  const auto letter = [&](std::size_t k) {
    const char given = k < rest.size() ? rest[k] : '\0';
    return letter_case == LetterCase::ignored && given >= 'A' && given <= 'Z' ? static_cast<char>(given + ('a' - 'A'))
                                                                              : given;
  };
  switch (letter(0)) {
    case 's':
    case 't':
    case 'm':
    case 'd': return 2;
    case 'r':
    case 'v': return letter(1) == 'e' ? 3 : 0;
    case 'l': return letter(1) == 'l' ? 3 : 0;
    default: return letter_case == LetterCase::ignored && rest == k_long_s ? 1 + k_long_s.size() : 0;
  }
}

/// Appends the parts of a text. `match_end(scanner, position)` is asked from left to right for the end of the match
/// that begins there, or `position` where none does; what lies between two matches is one part.
template <class MatchEnd>
void find_scanned(std::string_view text, std::vector<PatternPart>& parts, MatchEnd match_end) {
  const Scanner scanner(text);
  const auto add = [&](std::size_t begin, std::size_t end, bool matched) {
    parts.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), matched});
  };
  std::size_t covered = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = match_end(scanner, begin);
    if (end == begin) {
      begin += scanner.character(begin).bytes;
      continue;
    }
    if (covered < begin) add(covered, begin, false);
    add(begin, end, true);
    covered = begin = end;
  }
  if (covered < text.size()) add(covered, text.size(), false);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
