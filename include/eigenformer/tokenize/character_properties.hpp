// What the stages ask about characters, in a table: the ranges of unicode_ranges.hpp, spread out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/category_ranges.hpp"
#include "eigenformer/tokenize/normalizer_ranges.hpp"
#include "eigenformer/tokenize/unicode_ranges.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Bits beside the class, which takes the lowest two.
namespace property {
inline constexpr std::uint16_t k_class = 3;
inline constexpr std::uint16_t k_word = 1U << 2U;
inline constexpr std::uint16_t k_punctuation = 1U << 3U;
inline constexpr std::uint16_t k_numeric = 1U << 4U;
inline constexpr std::uint16_t k_removed = 1U << 5U;      ///< by BERT's clean_text
inline constexpr std::uint16_t k_ideograph = 1U << 6U;    ///< what BERT calls a Chinese character
inline constexpr std::uint16_t k_nonspacing = 1U << 7U;   ///< a mark that takes no space
inline constexpr std::uint16_t k_composes = 1U << 8U;     ///< a normalization form may change it
inline constexpr std::uint16_t k_capital = 1U << 9U;      ///< has a small letter
inline constexpr std::uint16_t k_mark = 1U << 10U;        ///< combines with another character, with or without space
inline constexpr std::uint16_t k_upper = 1U << 11U;       ///< \p{Lu} and \p{Lt}
inline constexpr std::uint16_t k_lower = 1U << 12U;       ///< \p{Ll}
inline constexpr std::uint16_t k_any_mark = 1U << 13U;    ///< \p{M}
inline constexpr std::uint16_t k_sign = 1U << 14U;        ///< \p{P} and \p{S}
inline constexpr std::uint16_t k_recomposed = 1U << 15U;  ///< NFC may change it
}  // namespace property

/// Immutable. Pages of 256 characters, each kept once.
class CharacterProperties {
 public:
  /// The one table; built when it is first asked for.
  static const CharacterProperties& table() {
    static const CharacterProperties table;
    return table;
  }
  std::uint16_t of(char32_t code_point) const {
    return cells_[std::size_t{pages_[code_point >> k_page_bits]} << k_page_bits | (code_point & (k_page - 1))];
  }

 private:
  static constexpr std::size_t k_page_bits = 8, k_page = 1U << k_page_bits, k_code_points = 0x110000;

  CharacterProperties() {
    std::vector<std::uint16_t> all(k_code_points);
    for (const ClassRange& range : k_class_ranges) {
      set(all, range.first, range.last, static_cast<std::uint16_t>(range.character_class));
      if (range.character_class == CharacterClass::number) set(all, range.first, range.last, property::k_numeric);
    }
    for (const CaseRange& range : k_lower_ranges) {
      for (char32_t c = range.first; c <= range.last; c += range.step) set(all, c, c, property::k_capital);
    }
    set(all, 0x130, 0x130, property::k_capital);  // its small letter is two characters
    set(all, k_numeric_extra_ranges, property::k_numeric);
    set(all, k_word_ranges, property::k_word);
    set(all, k_punctuation_ranges, property::k_punctuation);
    set(all, k_removed_ranges, property::k_removed);
    set(all, k_ideograph_ranges, property::k_ideograph);
    set(all, k_nonspacing_ranges, property::k_nonspacing);
    set(all, k_mark_ranges, property::k_mark);
    set(all, k_normalization_ranges, property::k_composes);
    set(all, k_capital_ranges, property::k_upper);
    set(all, k_small_ranges, property::k_lower);
    set(all, k_any_mark_ranges, property::k_any_mark);
    set(all, k_sign_ranges, property::k_sign);
    set(all, k_recomposed_ranges, property::k_recomposed);
    fold(all);
  }

  static void set(std::vector<std::uint16_t>& all, char32_t first, char32_t last, std::uint16_t bits) {
    for (char32_t c = first; c <= last; ++c) all[c] = static_cast<std::uint16_t>(all[c] | bits);
  }
  template <std::size_t count>
  static void set(std::vector<std::uint16_t>& all, const CodePointRange (&ranges)[count], std::uint16_t bits) {
    for (const CodePointRange& range : ranges) set(all, range.first, range.last, bits);
  }

  /// Keeps each page once; a page is mostly equal to one of the last few.
  void fold(const std::vector<std::uint16_t>& all) {
    for (std::size_t page = 0; page < pages_.size(); ++page) {
      const std::uint16_t* cells = all.data() + (page << k_page_bits);
      std::size_t known = cells_.size() >> k_page_bits;
      for (std::size_t k = known; k-- > 0;) {
        if (std::memcmp(cells_.data() + (k << k_page_bits), cells, k_page * sizeof *cells) == 0) known = k;
      }
      if (known == cells_.size() >> k_page_bits) cells_.insert(cells_.end(), cells, cells + k_page);
      pages_[page] = static_cast<std::uint16_t>(known);
    }
  }

  std::array<std::uint16_t, (k_code_points >> k_page_bits)> pages_{};
  std::vector<std::uint16_t> cells_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
