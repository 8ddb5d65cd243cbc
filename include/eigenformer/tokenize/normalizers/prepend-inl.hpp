#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/normalizers/prepend.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE void Prepend::normalize(AlignedText& text) const {
  const std::string_view old = text.text();
  if (old.empty() || prefix_.empty()) return;
  // The first new character takes the place of the first old one, and everything up to that one shares it.
  std::vector<ChangedCharacter> characters;
  characters.reserve(prefix_.size() + old.size());
  for (std::size_t k = 0; k < prefix_.size();) {
    const Character character = character_at(prefix_, k);
    characters.push_back({character.code_point, k == 0 ? 0 : 1});
    k += character.bytes;
  }
  for (std::size_t k = 0; k < old.size();) {
    const Character character = character_at(old, k);
    characters.push_back({character.code_point, k == 0 ? 1 : 0});
    k += character.bytes;
  }
  text.transform(characters);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
