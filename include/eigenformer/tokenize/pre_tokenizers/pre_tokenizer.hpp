// The stage that cuts a text into the pieces that the model encodes one by one.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/aligned_text.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Bytes of PreTokenizedText::text. Never empty.
struct Piece {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// A text and the pieces it has been cut into so far, in order. What lies in no piece has been dropped.
struct PreTokenizedText {
  explicit PreTokenizedText(AlignedText whole) : text(std::move(whole)) {
    const std::size_t size = text.text().size();
    if (size > 0) pieces.push_back({0, static_cast<std::uint32_t>(size)});
  }
  std::string_view piece(const Piece& piece) const { return text.text().substr(piece.begin, piece.end - piece.begin); }

  AlignedText text;
  std::vector<Piece> pieces;
};

class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  virtual void split(PreTokenizedText& text) const = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
