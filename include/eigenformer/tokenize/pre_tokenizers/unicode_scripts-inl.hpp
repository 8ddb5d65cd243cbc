#pragma once

#include <utility>
#include <vector>

#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/pre_tokenizers/unicode_scripts.hpp"
#include "eigenformer/tokenize/script_ranges.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE void UnicodeScripts::split(PreTokenizedText& text) const {
  std::vector<Piece> pieces;
  for (const Piece& piece : text.pieces) {
    unsigned char last = 0;  // no script yet
    std::uint32_t begin = piece.end;
    for (std::uint32_t k = piece.begin; k < piece.end;) {
      const Character character = character_at(text.text.text(), k);
      const ScriptRange* range = find_range(k_script_ranges, character.code_point);
      const unsigned char script = range == nullptr ? static_cast<unsigned char>(0) : range->script;
      if (script != 0 && script != last) {
        if (last != 0) pieces.push_back({begin, k});
        begin = k;
        last = script;
      }
      k += character.bytes;
    }
    if (begin < piece.end) pieces.push_back({begin, piece.end});
  }
  text.pieces = std::move(pieces);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
