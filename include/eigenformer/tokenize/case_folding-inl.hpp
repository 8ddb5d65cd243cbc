#pragma once

#include <utf8proc.h>

#include <cstddef>

#include "eigenformer/tokenize/case_folding.hpp"
#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/source_text.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE std::u32string folded_character(char32_t code_point) {
  utf8proc_int32_t folded[4];  // the longest folding has 3 characters (U+0390)
  int boundary = 0;
  const utf8proc_ssize_t count =
      utf8proc_decompose_char(static_cast<utf8proc_int32_t>(code_point), folded, 4, UTF8PROC_CASEFOLD, &boundary);
  std::u32string characters;
  for (utf8proc_ssize_t k = 0; k < count; ++k) characters.push_back(static_cast<char32_t>(folded[k]));
  return characters;
}

EIGENFORMER_INLINE std::string folded_text(std::string_view text) {
  const SourceText source(text);
  std::string folded;
  for (std::size_t position = 0; position < source.text().size();) {
    const Character character = character_at(source.text(), position);
    position += character.bytes;
    if (character.code_point < 0x80) {
      const auto letter = static_cast<char>(character.code_point);
      folded.push_back(letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter);
      continue;
    }
    for (const char32_t each : folded_character(character.code_point)) append_character(each, folded);
  }
  return folded;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
