#pragma once

#include <utf8proc.h>

#include <algorithm>
#include <iterator>

#include "eigenformer/chat/template/special_casing.hpp"
#include "eigenformer/chat/template/unicode.hpp"
#include "eigenformer/tokenize/case_folding.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace unicode_detail {

inline utf8proc_category_t category(char32_t c) {
  return c > 0x10FFFF ? UTF8PROC_CATEGORY_CN : utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

struct Range {
  char32_t first, last;
};

template <std::size_t size>
bool is_in(const Range (&ranges)[size], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges), [&](const Range& r) { return r.first <= c && c <= r.last; });
}

/// Other_Lowercase and Other_Uppercase of the Unicode character database (PropList.txt).
inline constexpr Range k_other_lower[] = {
    {0xAA, 0xAA},     {0xBA, 0xBA},     {0x2B0, 0x2B8},     {0x2C0, 0x2C1},     {0x2E0, 0x2E4},     {0x345, 0x345},
    {0x37A, 0x37A},   {0x1D2C, 0x1D6A}, {0x1D78, 0x1D78},   {0x1D9B, 0x1DBF},   {0x2071, 0x2071},   {0x207F, 0x207F},
    {0x2090, 0x209C}, {0x2170, 0x217F}, {0x24D0, 0x24E9},   {0x2C7C, 0x2C7D},   {0xA69C, 0xA69D},   {0xA770, 0xA770},
    {0xA7F8, 0xA7F9}, {0xAB5C, 0xAB5F}, {0x10780, 0x10780}, {0x10783, 0x10785}, {0x10787, 0x107B0}, {0x107B2, 0x107BA}};
inline constexpr Range k_other_upper[] = {
    {0x2160, 0x216F}, {0x24B6, 0x24CF}, {0x1F130, 0x1F149}, {0x1F150, 0x1F169}, {0x1F170, 0x1F189}};
/// Numeric_Type=Digit of the Unicode character database (DerivedNumericType.txt).
inline constexpr Range k_digits[] = {{0xB2, 0xB3},       {0xB9, 0xB9},       {0x1369, 0x1371},   {0x19DA, 0x19DA},
                                     {0x2070, 0x2070},   {0x2074, 0x2079},   {0x2080, 0x2089},   {0x2460, 0x2468},
                                     {0x2474, 0x247C},   {0x2488, 0x2490},   {0x24EA, 0x24EA},   {0x24F5, 0x24FD},
                                     {0x24FF, 0x24FF},   {0x2776, 0x277E},   {0x2780, 0x2788},   {0x278A, 0x2792},
                                     {0x10A40, 0x10A43}, {0x10E60, 0x10E68}, {0x11052, 0x1105A}, {0x1F100, 0x1F10A}};
/// White space of Python: bidirectional type WS, B or S, or category Zs.
inline constexpr Range k_spaces[] = {{0x09, 0x0D},     {0x1C, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},
                                     {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F},
                                     {0x205F, 0x205F}, {0x3000, 0x3000}};

inline const SpecialCasing* special_casing(char32_t c) {
  const auto* found = std::lower_bound(std::begin(k_special_casing), std::end(k_special_casing), c,
                                       [](const SpecialCasing& row, char32_t key) { return row.character < key; });
  return found != std::end(k_special_casing) && found->character == c ? found : nullptr;
}

inline std::u32string filled(const char32_t (&characters)[3]) {
  std::u32string out;
  for (const char32_t c : characters) {
    if (c != 0) out.push_back(c);
  }
  return out;
}

inline std::u32string one(utf8proc_int32_t c) { return std::u32string(1, static_cast<char32_t>(c)); }

/// utf8proc must not see the stand-ins for bytes that are not UTF-8.
inline bool is_mapped(char32_t c) { return c <= 0x10FFFF && !(c >= 0xD800 && c < 0xE000); }

}  // namespace unicode_detail

EIGENFORMER_INLINE bool is_space(char32_t c) { return unicode_detail::is_in(unicode_detail::k_spaces, c); }

EIGENFORMER_INLINE bool is_alpha(char32_t c) {
  const auto category = unicode_detail::category(c);
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

EIGENFORMER_INLINE bool is_decimal(char32_t c) { return unicode_detail::category(c) == UTF8PROC_CATEGORY_ND; }

EIGENFORMER_INLINE bool is_digit(char32_t c) {
  return is_decimal(c) || unicode_detail::is_in(unicode_detail::k_digits, c);
}

EIGENFORMER_INLINE bool is_numeric_character(char32_t c) {
  const auto category = unicode_detail::category(c);
  return category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_NL || category == UTF8PROC_CATEGORY_NO;
}

EIGENFORMER_INLINE bool is_alnum(char32_t c) { return is_alpha(c) || is_numeric_character(c); }

EIGENFORMER_INLINE bool is_lower(char32_t c) {
  return unicode_detail::category(c) == UTF8PROC_CATEGORY_LL || unicode_detail::is_in(unicode_detail::k_other_lower, c);
}

EIGENFORMER_INLINE bool is_upper(char32_t c) {
  return unicode_detail::category(c) == UTF8PROC_CATEGORY_LU || unicode_detail::is_in(unicode_detail::k_other_upper, c);
}

EIGENFORMER_INLINE bool is_title(char32_t c) { return unicode_detail::category(c) == UTF8PROC_CATEGORY_LT; }

EIGENFORMER_INLINE bool is_printable(char32_t c) {
  if (c == ' ') return true;
  switch (unicode_detail::category(c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_ZS: return false;
    default: return true;
  }
}

EIGENFORMER_INLINE bool is_identifier_start(char32_t c) {
  return c == '_' || is_alpha(c) || unicode_detail::category(c) == UTF8PROC_CATEGORY_NL;
}

EIGENFORMER_INLINE bool is_identifier_part(char32_t c) {
  const auto category = unicode_detail::category(c);
  return is_identifier_start(c) || category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_MN ||
         category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_PC;
}

EIGENFORMER_INLINE std::u32string to_upper(char32_t c) {
  if (const auto* special = unicode_detail::special_casing(c)) return unicode_detail::filled(special->upper);
  if (!unicode_detail::is_mapped(c)) return std::u32string(1, c);
  return unicode_detail::one(utf8proc_toupper(static_cast<utf8proc_int32_t>(c)));
}

EIGENFORMER_INLINE std::u32string to_title(char32_t c) {
  if (const auto* special = unicode_detail::special_casing(c)) return unicode_detail::filled(special->title);
  if (!unicode_detail::is_mapped(c)) return std::u32string(1, c);
  return unicode_detail::one(utf8proc_totitle(static_cast<utf8proc_int32_t>(c)));
}

EIGENFORMER_INLINE std::u32string to_lower(char32_t c) {
  if (c == 0x130) return U"i\u0307";
  if (!unicode_detail::is_mapped(c)) return std::u32string(1, c);
  return unicode_detail::one(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
}

EIGENFORMER_INLINE std::u32string to_folded(char32_t c) {
  return unicode_detail::is_mapped(c) ? tokenize::folded_character(c) : std::u32string(1, c);
}

EIGENFORMER_INLINE bool is_cased(char32_t c) { return is_lower(c) || is_upper(c) || is_title(c); }

EIGENFORMER_INLINE bool is_case_ignorable(char32_t c) {
  switch (unicode_detail::category(c)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK: return true;
    default: break;
  }
  // Word_Break of MidLetter, MidNumLet and Single_Quote (WordBreakProperty.txt).
  static constexpr char32_t k_others[] = {0x27,   0x2E,   0x3A,   0xB7,   0x387,  0x55F,  0x5F4,  0x2018, 0x2019,
                                          0x2024, 0x2027, 0xFE13, 0xFE52, 0xFE55, 0xFF07, 0xFF0E, 0xFF1A};
  return std::find(std::begin(k_others), std::end(k_others), c) != std::end(k_others);
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
