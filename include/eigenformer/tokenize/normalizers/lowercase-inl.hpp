#pragma once

#include <utf8proc.h>

#include <cstddef>
#include <string_view>
#include <vector>

#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/normalizers/lowercase.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE void Lowercase::normalize(AlignedText& text) const {
  constexpr char32_t k_capital_i_with_dot = 0x130, k_dot_above = 0x307;
  const std::string_view old = text.text();
  std::vector<ChangedCharacter> characters;
  characters.reserve(old.size());
  bool changed = false;
  for (std::size_t k = 0; k < old.size();) {
    const Character character = character_at(old, k);
    k += character.bytes;
    if (character.code_point == k_capital_i_with_dot) {
      characters.insert(characters.end(), {{U'i', 0}, {k_dot_above, 1}});
      changed = true;
      continue;
    }
    const auto lower = static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(character.code_point)));
    changed = changed || lower != character.code_point;
    characters.push_back({lower, 0});
  }
  if (changed) text.transform(characters);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
