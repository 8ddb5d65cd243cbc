#pragma once

#include <algorithm>

#include "eigenformer/tokenize/patterns/gpt2_pattern.hpp"
#include "eigenformer/tokenize/pre_tokenizers/byte_level.hpp"
#include "eigenformer/tokenize/pre_tokenizers/split.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE void ByteLevel::split(PreTokenizedText& text) const {
  if (options_.add_prefix_space) {
    const auto has_none = [&](const Piece& piece) { return text.text.text()[piece.begin] != ' '; };
    if (std::any_of(text.pieces.begin(), text.pieces.end(), has_none)) {
      text.rewrite([&](const Piece& piece, AlignedWriter& writer) {
        if (has_none(piece)) writer.put(' ', piece.begin);
        writer.keep({piece.begin, piece.end});
      });
    }
  }
  if (options_.use_regex) split_pieces(text, Gpt2Pattern(), SplitBehavior::isolated);
  text.byte_level = true;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
