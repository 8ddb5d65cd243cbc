// The tokens of single characters, by code point.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Pages of 256 characters; a page that nobody is in is the empty first one.
class CharacterTable {
 public:
  static constexpr TokenId k_none = -1;

  TokenId find(char32_t code_point) const {
    return cells_[std::size_t{pages_[code_point >> 8U]} * k_page + (code_point & 0xFFU)];
  }
  void insert(char32_t code_point, TokenId id) {
    std::uint16_t& page = pages_[code_point >> 8U];
    if (page == 0) {
      page = static_cast<std::uint16_t>(cells_.size() / k_page);
      cells_.resize(cells_.size() + k_page, k_none);
    }
    cells_[std::size_t{page} * k_page + (code_point & 0xFFU)] = id;
  }

 private:
  static constexpr std::size_t k_page = 256;
  std::array<std::uint16_t, 0x110000 / k_page> pages_{};
  std::vector<TokenId> cells_ = std::vector<TokenId>(k_page, k_none);
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
