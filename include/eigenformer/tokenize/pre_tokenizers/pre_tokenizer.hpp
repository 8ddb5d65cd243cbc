// The stage that cuts a text into the pieces that the model encodes one by one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/aligned_text.hpp"
#include "eigenformer/tokenize/byte_alphabet.hpp"

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
  /// Whether a piece begins where the input does, in front of every other: what "prepend_scheme": "first" asks.
  bool begins_input(const Piece& piece) const { return text.begins_input(piece.begin); }

  /// Writes the text anew, piece by piece: `write(piece, writer)` keeps or puts what the piece becomes.
  template <class Write>
  void rewrite(Write write) {
    AlignedWriter writer(text);
    std::vector<Piece> written;
    written.reserve(pieces.size());
    for (const Piece& piece : pieces) {
      const auto begin = static_cast<std::uint32_t>(writer.size());
      write(piece, writer);
      if (writer.size() > begin) written.push_back({begin, static_cast<std::uint32_t>(writer.size())});
    }
    writer.finish();
    pieces = std::move(written);
  }

  /// Writes out what `byte_level` leaves unsaid.
  void spell_bytes() {
    if (!std::exchange(byte_level, false)) return;
    rewrite([this](const Piece& piece, AlignedWriter& writer) {
      for (std::size_t k = piece.begin; k < piece.end; ++k) {
        writer.put(k_character_of_byte[static_cast<unsigned char>(text.text()[k])], k);
      }
    });
  }

  AlignedText text;
  std::vector<Piece> pieces;
  /// Each byte of the pieces stands for its character of the byte alphabet, which nobody has needed yet.
  bool byte_level = false;
};

class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  /// `text.byte_level` is false.
  virtual void split(PreTokenizedText& text) const = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
