#pragma once

#include <cstddef>
#include <string_view>

#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/normalizers/strip.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE void Strip::normalize(AlignedText& text) const {
  const std::string_view old = text.text();
  std::size_t begin = 0, end = old.size();
  while (sides_.left && begin < end && is_space(character_at(old, begin).code_point)) {
    begin += character_at(old, begin).bytes;
  }
  while (sides_.right && begin < end) {
    const std::size_t previous = previous_character(old, end);
    if (!is_space(character_at(old, previous).code_point)) break;
    end = previous;
  }
  if (begin == 0 && end == old.size()) return;
  AlignedWriter writer(text);
  writer.keep({begin, end});
  writer.finish();
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
