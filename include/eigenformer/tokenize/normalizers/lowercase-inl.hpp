#pragma once

#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/normalizers/by_character.hpp"
#include "eigenformer/tokenize/normalizers/lowercase.hpp"
#include "eigenformer/tokenize/source_text.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE void put_small(char32_t code_point, std::size_t place, AlignedWriter& writer) {
  constexpr char32_t k_capital_i_with_dot = 0x130, k_dot_above = 0x307;
  const bool two = code_point == k_capital_i_with_dot;
  writer.put(two ? U'i' : small_letter(code_point), place);
  if (two) writer.put(k_dot_above, place);
}

EIGENFORMER_INLINE void Lowercase::normalize(AlignedText& text) const {
  rewrite_characters(text, property::k_capital, put_small);
}

EIGENFORMER_INLINE std::string small_letters(std::string_view text) {
  const SourceText source(text);
  AlignedText aligned(source.text(), 0, Places::first);
  Lowercase().normalize(aligned);
  return std::string(aligned.text());
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
