// GPT-2's pattern: https://github.com/openai/gpt-2/blob/9b63575ef42771a015060c964af2c3da4cf7c8ab/src/encoder.py#L53
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/patterns/pattern.hpp"
#include "eigenformer/tokenize/patterns/scanner.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

inline constexpr std::string_view k_gpt2_pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

/// The same in one pass. Every character belongs to a match.
class Gpt2Pattern final : public Pattern {
 public:
  void find(std::string_view text, std::vector<PatternPart>& parts) const override {
    find_scanned(text, parts, match_end);
  }

 private:
  static std::size_t match_end(const Scanner& scanner, std::size_t begin) {
    if (const std::size_t bytes = scanner.contraction(begin, LetterCase::exact); bytes > 0) return begin + bytes;
    // " ?" takes a space where a run of something else follows it.
    std::size_t run = begin;
    CharacterClass run_class = scanner.class_at(begin);
    if (scanner.byte(begin) == ' ' && scanner.class_at(begin + 1) != CharacterClass::space) {
      run = begin + 1;
      run_class = scanner.class_at(run);
    }
    const std::size_t end = scanner.run_end(run, run_class);
    return run_class == CharacterClass::space ? scanner.space_end(begin, end) : end;
  }
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
