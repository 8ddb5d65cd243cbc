#pragma once

#include <utility>
#include <vector>

#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/pre_tokenizers/fixed_length.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE void FixedLength::split(PreTokenizedText& text) const {
  std::vector<Piece> pieces;
  for (const Piece& piece : text.pieces) {
    std::uint32_t begin = piece.begin;
    while (begin < piece.end) {
      std::uint32_t end = begin;
      for (std::size_t k = 0; k < characters_ && end < piece.end; ++k) end += character_at(text.text.text(), end).bytes;
      pieces.push_back({begin, end});
      begin = end;
    }
  }
  text.pieces = std::move(pieces);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
