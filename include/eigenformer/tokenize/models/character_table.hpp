// The token of each single character.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/vocabulary.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Two levels of tables: pages of 256 characters, of which most scripts need one or two.
class CharacterTable {
 public:
  CharacterTable() { page_of_.fill(0); }

  void set(char32_t code_point, TokenId id) {
    std::uint16_t& page = page_of_[code_point >> 8U];
    if (page == 0) {
      page = static_cast<std::uint16_t>(pages_.size());
      pages_.push_back(k_empty_page);
    }
    pages_[page][code_point & 0xFFU] = id;
  }
  /// -1 where there is none.
  TokenId find(char32_t code_point) const { return pages_[page_of_[code_point >> 8U]][code_point & 0xFFU]; }

  /// Sets the id of a token that is one character and nothing else.
  void set_if_character(std::string_view token, TokenId id) {
    if (token.empty()) return;
    const Character character = character_at(token, 0);
    if (character.bytes == token.size()) set(character.code_point, id);
  }
  TokenId first_of(std::string_view text) const { return find(character_at(text, 0).code_point); }
  TokenId last_of(std::string_view text) const {
    return find(character_at(text, previous_character(text, text.size())).code_point);
  }

 private:
  using Page = std::array<TokenId, 256>;
  static constexpr Page k_empty_page = [] {
    Page page{};
    page.fill(-1);
    return page;
  }();
  std::array<std::uint16_t, 0x1100> page_of_;
  std::vector<Page> pages_ = {k_empty_page};
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
