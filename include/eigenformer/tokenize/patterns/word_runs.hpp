// Runs of word characters and runs of signs: \w+|[^\w\s]+
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/patterns/pattern.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// White space belongs to no match.
class WordRuns final : public Pattern {
 public:
  void find(std::string_view text, std::vector<PatternPart>& parts) const override {
    for (std::size_t begin = 0; begin < text.size();) {
      const Kind kind = kind_of(character_at(text, begin).code_point);
      std::size_t end = begin;
      while (end < text.size() && kind_of(character_at(text, end).code_point) == kind) {
        end += character_at(text, end).bytes;
      }
      parts.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), kind != Kind::space});
      begin = end;
    }
  }

 private:
  enum class Kind : std::uint8_t { word, sign, space };
  static Kind kind_of(char32_t c) {
    if (is_word(c)) return Kind::word;
    return is_space(c) ? Kind::space : Kind::sign;
  }
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
