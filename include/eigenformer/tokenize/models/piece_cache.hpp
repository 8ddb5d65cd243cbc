// Remembers how the pieces of one text were encoded: words come again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/hash.hpp"
#include "eigenformer/tokenize/models/model.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// A table in which a new piece takes the place of an old one with the same slot. It is not there before a text has
/// shown that it has many pieces.
class PieceCache {
 public:
  /// Appends the tokens of a piece that was stored; false where it was not.
  bool find(std::string_view piece, std::vector<PieceToken>& tokens) {
    if (++asked_ < k_begin || piece.size() > k_longest_piece) return false;
    if (slots_.empty()) slots_.resize(k_slots);
    slot_ = hash_text(piece, 0) & (k_slots - 1);
    const Slot& slot = slots_[slot_];
    if (slot.length != piece.size() || std::string_view(texts_).substr(slot.text, slot.length) != piece) return false;
    for (std::uint32_t k = 0; k < slot.count; ++k) tokens.push_back(tokens_[slot.tokens + k]);
    return true;
  }

  /// Stores the tokens from `first` on for the piece that `find` has just been asked for in vain.
  void store(std::string_view piece, const std::vector<PieceToken>& tokens, std::size_t first) {
    if (slots_.empty() || piece.size() > k_longest_piece || texts_.size() > k_text_limit) return;
    slots_[slot_] = {static_cast<std::uint32_t>(texts_.size()), static_cast<std::uint32_t>(piece.size()),
                     static_cast<std::uint32_t>(tokens_.size()), static_cast<std::uint32_t>(tokens.size() - first)};
    texts_.append(piece);
    tokens_.insert(tokens_.end(), tokens.begin() + static_cast<std::ptrdiff_t>(first), tokens.end());
  }

 private:
  struct Slot {
    std::uint32_t text = 0, length = 0, tokens = 0, count = 0;
  };
  static constexpr std::size_t k_begin = 64, k_slots = 4096, k_longest_piece = 64;
  static constexpr std::size_t k_text_limit = std::size_t{1} << 20U;

  std::size_t asked_ = 0;
  std::size_t slot_ = 0;
  std::vector<Slot> slots_;
  std::string texts_;
  std::vector<PieceToken> tokens_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
