// ">>fra<<" at the begin of a text: the language that a Marian model is to translate it into.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/pre_tokenizers/pre_tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The end of the code that a text begins with; 0 where it begins with none. What is between the signs is not looked
/// at, as transformers does not:
/// https://github.com/huggingface/transformers/blob/v5.0.0/src/transformers/models/marian/tokenization_marian.py
inline std::size_t language_code_end(std::string_view text) {
  if (!text.starts_with(">>")) return 0;
  const std::size_t close = text.find("<<");
  return close == std::string_view::npos ? 0 : close + 2;
}

/// Makes it a piece of its own.
class LanguageCodeSplit final : public PreTokenizer {
 public:
  void split(PreTokenizedText& text) const override {
    std::vector<Piece> pieces;
    for (const Piece& piece : text.pieces) {
      const auto middle = static_cast<std::uint32_t>(piece.begin + language_code_end(text.piece(piece)));
      if (middle > piece.begin) pieces.push_back({piece.begin, middle});
      if (middle < piece.end) pieces.push_back({middle, piece.end});
    }
    text.pieces = std::move(pieces);
  }
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
