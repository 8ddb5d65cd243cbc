#pragma once

#include <cstddef>
#include <vector>

#include "eigenformer/tokenize/patterns/gpt2_pattern.hpp"
#include "eigenformer/tokenize/pre_tokenizers/byte_level.hpp"
#include "eigenformer/tokenize/pre_tokenizers/split.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE void ByteLevel::split(PreTokenizedText& text) const {
  if (options_.add_prefix_space) {
    std::vector<std::size_t> positions;
    for (Piece& piece : text.pieces) {
      piece.begin += static_cast<std::uint32_t>(positions.size());
      const std::size_t old_begin = piece.begin - positions.size();
      if (text.text.text()[old_begin] != ' ') positions.push_back(old_begin);
      piece.end += static_cast<std::uint32_t>(positions.size());
    }
    if (!positions.empty()) text.text.insert_spaces(positions);
  }
  if (options_.use_regex) split_pieces(text, Gpt2Pattern(), SplitBehavior::isolated);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
