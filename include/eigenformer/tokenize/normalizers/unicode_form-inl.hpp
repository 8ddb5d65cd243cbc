#pragma once

#include <utf8proc.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/normalizers/unicode_form.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace unicode_form_detail {

struct Part {
  ChangedCharacter character;
  int combining_class = 0;
};

inline bool may_change(char32_t code_point) {
  return code_point >= 0xA0 && (CharacterProperties::table().of(code_point) & property::k_composes) != 0;
}

inline int combining_class(char32_t code_point) {
  if (!may_change(code_point)) return 0;
  return utf8proc_get_property(static_cast<utf8proc_int32_t>(code_point))->combining_class;
}

/// Appends the character's full decomposition: the first part takes its place, the others are inserted.
inline void decompose(char32_t code_point, bool compatible, std::vector<Part>& parts) {
  if (!may_change(code_point)) {
    parts.push_back({{code_point, 0}, 0});
    return;
  }
  utf8proc_int32_t decomposed[32];  // the longest decomposition has 18 characters (U+FDFA)
  int boundary = 0;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | (compatible ? UTF8PROC_COMPAT : 0));
  const utf8proc_ssize_t count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(code_point), decomposed,
                                                         std::size(decomposed), options, &boundary);
  for (utf8proc_ssize_t k = 0; k < count; ++k) {
    const auto part = static_cast<char32_t>(decomposed[k]);
    parts.push_back({{part, k == 0 ? 0 : 1}, combining_class(part)});
  }
}

/// Puts each run of combining characters in the order of their classes.
inline void reorder(std::vector<Part>& parts) {
  const auto combines = [](const Part& part) { return part.combining_class != 0; };
  for (auto run = parts.begin();;) {
    run = std::find_if(run, parts.end(), combines);
    if (run == parts.end()) return;
    const auto end = std::find_if_not(run, parts.end(), combines);
    std::stable_sort(run, end, [](const Part& a, const Part& b) { return a.combining_class < b.combining_class; });
    run = end;
  }
}

/// The primary composite of two characters, or 0.
inline char32_t compose(char32_t first, char32_t second) {
  if (!may_change(second)) return 0;
  utf8proc_int32_t pair[3] = {static_cast<utf8proc_int32_t>(first), static_cast<utf8proc_int32_t>(second), 0};
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE);
  if (utf8proc_normalize_utf32(pair, 2, options) != 1) return 0;
  const auto composed = static_cast<char32_t>(pair[0]);
  return may_change(composed) ? composed : 0;
}

/// Joins each combining character to the starter before it where nothing in between blocks it.
inline std::vector<Part> compose_all(const std::vector<Part>& parts) {
  std::vector<Part> composed;
  composed.reserve(parts.size());
  constexpr auto k_none = static_cast<std::size_t>(-1);
  std::size_t starter = k_none;
  int last_class = -1;  // of what stands between the starter and here; -1: nothing
  for (const Part& part : parts) {
    if (starter != k_none && last_class < part.combining_class) {
      Part& first = composed[starter];
      if (const char32_t both = compose(first.character.code_point, part.character.code_point); both != 0) {
        first.character = {both, first.character.change + part.character.change - 1};
        continue;
      }
    }
    if (part.combining_class == 0) starter = composed.size();
    last_class = part.combining_class == 0 ? -1 : part.combining_class;
    composed.push_back(part);
  }
  return composed;
}

inline bool needs_work(std::string_view text) {
  for (std::size_t k = 0; k < text.size();) {
    const Character character = character_at(text, k);
    if (may_change(character.code_point)) return true;
    k += character.bytes;
  }
  return false;
}

/// Whether a text is in NFC for certain: https://www.unicode.org/reports/tr15/#Detecting_Normalization_Forms
inline bool is_composed(std::string_view text) {
  const CharacterProperties& table = CharacterProperties::table();
  int last_class = 0;
  for (std::size_t k = 0; k < text.size();) {
    const Character character = character_at(text, k);
    k += character.bytes;
    const std::uint16_t properties = table.of(character.code_point);
    if ((properties & property::k_recomposed) != 0) return false;
    const int its_class = (properties & property::k_composes) != 0 ? combining_class(character.code_point) : 0;
    if (its_class != 0 && its_class < last_class) return false;
    last_class = its_class;
  }
  return true;
}

}  // namespace unicode_form_detail

EIGENFORMER_INLINE void UnicodeNormalizer::normalize(AlignedText& text) const {
  using namespace unicode_form_detail;
  const std::string_view old = text.text();
  if (form_ == UnicodeForm::nfc ? is_composed(old) : !needs_work(old)) return;
  const bool compatible = form_ == UnicodeForm::nfkc || form_ == UnicodeForm::nfkd;
  std::vector<Part> parts;
  parts.reserve(old.size());
  for (std::size_t k = 0; k < old.size();) {
    const Character character = character_at(old, k);
    decompose(character.code_point, compatible, parts);
    k += character.bytes;
  }
  reorder(parts);
  if (form_ == UnicodeForm::nfc || form_ == UnicodeForm::nfkc) parts = compose_all(parts);
  std::vector<ChangedCharacter> characters;
  characters.reserve(parts.size());
  for (const Part& part : parts) characters.push_back(part.character);
  text.transform(characters);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
