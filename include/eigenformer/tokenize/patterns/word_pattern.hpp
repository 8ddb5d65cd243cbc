// The pattern of Llama 3 and Qwen 2, which differ in how many digits go together:
// https://github.com/openai/tiktoken/blob/0.7.0/tiktoken_ext/openai_public.py#L74 as tokenizer.json writes it
#pragma once

#include <cstddef>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/patterns/pattern.hpp"
#include "eigenformer/tokenize/patterns/scanner.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

inline constexpr std::string_view k_llama3_pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view k_qwen2_pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

/// The same in one pass. Every character belongs to a match.
class WordPattern final : public Pattern {
 public:
  /// `digits`: the longest match of \p{N}; 3 for Llama 3, 1 for Qwen 2.
  explicit WordPattern(std::size_t digits) : digits_(digits) {}

  void find(std::string_view text, std::vector<PatternPart>& parts) const override {
    find_scanned(text, parts,
                 [this](const Scanner& scanner, std::size_t position) { return match_end(scanner, position); });
  }

 private:
  std::size_t match_end(const Scanner& scanner, std::size_t begin) const {
    if (const std::size_t bytes = scanner.contraction(begin, LetterCase::ignored); bytes > 0) return begin + bytes;
    const CharacterClass first = scanner.class_at(begin);
    if (first == CharacterClass::letter) return scanner.run_end(begin, CharacterClass::letter);
    if (first == CharacterClass::number) return scanner.digits_end(begin, digits_);
    const std::size_t second = begin + scanner.character(begin).bytes;
    // One character that is no line break may go before letters, and a space before signs.
    if (!scanner.is_newline(begin) && scanner.class_at(second) == CharacterClass::letter) {
      return scanner.run_end(second, CharacterClass::letter);
    }
    if (first == CharacterClass::other) return signs_end(scanner, begin);
    if (scanner.byte(begin) == ' ' && scanner.class_at(second) == CharacterClass::other)
      return signs_end(scanner, second);
    return scanner.line_space_end(begin);
  }

  static std::size_t signs_end(const Scanner& scanner, std::size_t position) {
    return scanner.newlines_end(scanner.run_end(position, CharacterClass::other));
  }

  std::size_t digits_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
