// Remembers how pieces were encoded: words come again, in one text and from text to text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/hash.hpp"
#include "eigenformer/tokenize/models/model.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// A table in which a new piece takes the place of an old one with the same slot. Tokens and text of an entry lie side
/// by side in one arena, so that a hit touches one slot and one or two lines of the cache; a full arena is emptied.
/// Nothing is allocated before a few texts, or a longer one, have shown that there are many pieces.
class PieceCache {
 public:
  /// Appends the tokens of a piece that was stored; false where it was not.
  bool find(std::string_view piece, std::vector<PieceToken>& tokens) {
    if (++asked_ < k_begin || piece.size() > k_longest_piece) return false;
    if (slots_.empty()) slots_.resize(k_slots);
    const std::uint64_t hash = hash_text(piece, 0);
    slot_ = hash & (k_slots - 1);
    tag_ = static_cast<std::uint32_t>(hash >> 32U);
    const Slot& slot = slots_[slot_];
    if (slot.tag != tag_ || slot.length != piece.size()) return false;
    const char* entry = arena_.data() + slot.place;
    const std::size_t bytes = slot.count * sizeof(PieceToken);
    if (std::memcmp(entry + bytes, piece.data(), piece.size()) != 0) return false;
    const std::size_t first = tokens.size();
    tokens.resize(first + slot.count);
    if (slot.count > 0) std::memcpy(tokens.data() + first, entry, bytes);
    return true;
  }

  /// Stores the tokens from `first` on for the piece that `find` has just been asked for in vain.
  void store(std::string_view piece, const std::vector<PieceToken>& tokens, std::size_t first) {
    if (slots_.empty() || piece.size() > k_longest_piece) return;
    const std::size_t count = tokens.size() - first;
    if (count > k_most_tokens) return;
    const std::size_t bytes = count * sizeof(PieceToken), place = arena_.size();
    if (place + bytes + piece.size() > k_arena_bytes) return empty();
    arena_.resize(place + bytes + piece.size());
    if (count > 0) std::memcpy(arena_.data() + place, tokens.data() + first, bytes);
    std::memcpy(arena_.data() + place + bytes, piece.data(), piece.size());
    slots_[slot_] = {tag_, static_cast<std::uint32_t>(place), static_cast<std::uint16_t>(piece.size()),
                     static_cast<std::uint16_t>(count)};
  }

 private:
  /// `length` 0: free, since no piece is empty.
  struct Slot {
    std::uint32_t tag = 0, place = 0;
    std::uint16_t length = 0, count = 0;
  };
  static constexpr std::size_t k_begin = 64, k_slots = std::size_t{1} << 15U;
  static constexpr std::size_t k_longest_piece = 128, k_most_tokens = 512;
  static constexpr std::size_t k_arena_bytes = std::size_t{1} << 20U;

  void empty() {
    slots_.assign(k_slots, Slot{});
    arena_.clear();
  }

  std::size_t asked_ = 0;
  std::size_t slot_ = 0;
  std::uint32_t tag_ = 0;
  std::vector<Slot> slots_;
  std::vector<char> arena_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
