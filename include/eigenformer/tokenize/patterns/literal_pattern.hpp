// A text that is looked for as it is, and single characters of a class.
#pragma once

#include <string>
#include <utility>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/patterns/pattern.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace literal_pattern_detail {

inline void add(std::vector<PatternPart>& parts, std::size_t begin, std::size_t end, bool matched) {
  if (begin == end) return;
  parts.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), matched});
}

}  // namespace literal_pattern_detail

/// Every occurrence of a text that is not empty, from left to right.
class LiteralPattern final : public Pattern {
 public:
  explicit LiteralPattern(std::string sought) : sought_(std::move(sought)) {}

  void find(std::string_view text, std::vector<PatternPart>& parts) const override {
    std::size_t begin = 0;
    for (std::size_t k = text.find(sought_); k != std::string_view::npos; k = text.find(sought_, begin)) {
      literal_pattern_detail::add(parts, begin, k, false);
      begin = k + sought_.size();
      literal_pattern_detail::add(parts, k, begin, true);
    }
    literal_pattern_detail::add(parts, begin, text.size(), false);
  }

 private:
  std::string sought_;
};

/// Every single character for which `test` holds.
class CharacterPattern final : public Pattern {
 public:
  using Test = bool (*)(char32_t);
  explicit CharacterPattern(Test test) : test_(test) {}

  void find(std::string_view text, std::vector<PatternPart>& parts) const override {
    std::size_t begin = 0;
    for (std::size_t k = 0; k < text.size();) {
      const Character character = character_at(text, k);
      const std::size_t next = k + character.bytes;
      if (test_(character.code_point)) {
        literal_pattern_detail::add(parts, begin, k, false);
        literal_pattern_detail::add(parts, k, next, true);
        begin = next;
      }
      k = next;
    }
    literal_pattern_detail::add(parts, begin, text.size(), false);
  }

 private:
  Test test_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
