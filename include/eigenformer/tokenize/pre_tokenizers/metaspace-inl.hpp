#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "eigenformer/tokenize/pre_tokenizers/metaspace.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

EIGENFORMER_INLINE void Metaspace::split(PreTokenizedText& text) const {
  const std::string_view mark = options_.replacement;
  std::vector<Piece> words;
  text.rewrite([&](const Piece& piece, AlignedWriter& writer) {
    const std::string_view old = text.piece(piece);
    const std::size_t begin = writer.size();
    const bool marked = old.front() == ' ' || old.starts_with(mark);
    const bool wants_mark = options_.prepend == PrependScheme::always ||
                            (options_.prepend == PrependScheme::first && text.begins_input(piece));
    if (wants_mark && !marked) writer.put(mark, piece.begin);
    std::size_t word = begin;
    for (std::size_t k = 0; k < old.size();) {
      const bool space = old[k] == ' ';
      if ((space || old.substr(k).starts_with(mark)) && writer.size() > word) {
        words.push_back({static_cast<std::uint32_t>(word), static_cast<std::uint32_t>(writer.size())});
        word = writer.size();
      }
      std::size_t end = space ? k : k + 1;  // of what is kept as it is
      while (!space && end < old.size() && old[end] != ' ' && !old.substr(end).starts_with(mark)) ++end;
      if (space) writer.put(mark, piece.begin + k);
      writer.keep({piece.begin + k, piece.begin + end});
      k = space ? k + 1 : end;
    }
    if (writer.size() > word) {
      words.push_back({static_cast<std::uint32_t>(word), static_cast<std::uint32_t>(writer.size())});
    }
  });
  if (options_.split) text.pieces = std::move(words);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
