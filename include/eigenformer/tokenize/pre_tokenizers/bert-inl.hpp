#pragma once

#include <utility>
#include <vector>

#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/pre_tokenizers/bert.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE void BertPreTokenizer::split(PreTokenizedText& text) const {
  const CharacterProperties& table = CharacterProperties::table();
  const std::string_view bytes = text.text.text();
  std::vector<Piece> pieces;
  pieces.reserve(bytes.size() / 4);
  for (const Piece& piece : text.pieces) {
    std::uint32_t begin = piece.begin;
    for (std::uint32_t k = piece.begin; k < piece.end;) {
      const Character character = character_at(bytes, k);
      const std::uint32_t next = k + character.bytes;
      const std::uint16_t properties = table.of(character.code_point);
      const bool punctuation = (properties & property::k_punctuation) != 0;
      if (punctuation || (properties & property::k_class) == static_cast<std::uint16_t>(CharacterClass::space)) {
        if (begin < k) pieces.push_back({begin, k});
        if (punctuation) pieces.push_back({k, next});
        begin = next;
      }
      k = next;
    }
    if (begin < piece.end) pieces.push_back({begin, piece.end});
  }
  text.pieces = std::move(pieces);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
