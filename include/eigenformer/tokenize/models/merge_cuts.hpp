// Where a text may be cut before it is merged, because no merge reaches across.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/hash.hpp"
#include "eigenformer/tokenize/models/character_table.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The pairs of first symbols that stand at the seam of some merge. Two neighbours that do not will be parted in the
/// end, so the text falls into words, which come again, even if no pre-tokenizer cut it. What is kept is a set of hash
/// bits: a pair too many costs time and changes nothing.
class MergeCuts {
 public:
  void resize_for(std::size_t pairs) {
    bits_.assign(std::bit_ceil(std::max<std::size_t>(pairs * k_bits_a_pair, 64) / 64), 0);
  }
  void add(TokenId left, TokenId right) {
    if (are_low(left, right)) low_[low_bit(left, right) / 64] |= std::uint64_t{1} << low_bit(left, right) % 64;
    const std::uint64_t bit = bit_of(left, right);
    bits_[bit / 64] |= std::uint64_t{1} << bit % 64;
  }
  bool may_join(TokenId left, TokenId right) const {
    if (are_low(left, right)) return (low_[low_bit(left, right) / 64] >> low_bit(left, right) % 64 & 1U) != 0;
    const std::uint64_t bit = bit_of(left, right);
    return (bits_[bit / 64] >> bit % 64 & 1U) != 0;
  }

 private:
  static constexpr std::size_t k_bits_a_pair = 16;
  static constexpr std::uint32_t k_low = 320;  // the bytes of most vocabularies have ids below: a small table answers
  static bool are_low(TokenId left, TokenId right) {
    return static_cast<std::uint32_t>(left) < k_low && static_cast<std::uint32_t>(right) < k_low;
  }
  static std::size_t low_bit(TokenId left, TokenId right) {
    return static_cast<std::size_t>(left) * k_low + static_cast<std::size_t>(right);
  }
  std::uint64_t bit_of(TokenId left, TokenId right) const {
    return mix(static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32U |
               static_cast<std::uint32_t>(right)) &
           (bits_.size() * 64 - 1);
  }
  std::vector<std::uint64_t> bits_ = std::vector<std::uint64_t>(1);  ///< a power of two
  std::vector<std::uint64_t> low_ = std::vector<std::uint64_t>(k_low * k_low / 64);
};

/// The tokens of a text's first and last character.
inline TokenId first_character(const CharacterTable& characters, std::string_view text) {
  return text.empty() ? CharacterTable::k_none : characters.find(character_at(text, 0).code_point);
}
inline TokenId last_character(const CharacterTable& characters, std::string_view text) {
  if (text.empty()) return CharacterTable::k_none;
  return characters.find(character_at(text, previous_character(text, text.size())).code_point);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
