#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "eigenformer/tokenize/normalizers/bert.hpp"
#include "eigenformer/tokenize/normalizers/by_character.hpp"
#include "eigenformer/tokenize/normalizers/lowercase.hpp"
#include "eigenformer/tokenize/normalizers/unicode_form.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace bert_normalizer_detail {

inline bool is_other_space(char32_t c) { return c != ' ' && is_space(c); }

inline void clean(AlignedText& text) {
  const CharacterProperties& table = CharacterProperties::table();
  rewrite_characters_if(
      text, [&](char32_t c) { return (table.of(c) & property::k_removed) != 0 || is_other_space(c); },
      [&](char32_t c, std::size_t place, AlignedWriter& writer) {
        if ((table.of(c) & property::k_removed) == 0) writer.put(U' ', place);
      });
}

inline void set_ideographs_apart(AlignedText& text) {
  rewrite_characters(text, property::k_ideograph, [](char32_t c, std::size_t place, AlignedWriter& writer) {
    for (const char32_t put : {U' ', c, U' '}) writer.put(put, place);
  });
}

}  // namespace bert_normalizer_detail

EIGENFORMER_INLINE void BertNormalizer::normalize(AlignedText& text) const {
  using namespace bert_normalizer_detail;
  if (options_.clean_text) clean(text);
  if (options_.handle_chinese_chars) set_ideographs_apart(text);
  if (strips_accents()) {
    UnicodeNormalizer(UnicodeForm::nfd).normalize(text);
    remove_characters(text, property::k_nonspacing);
  }
  if (options_.lowercase) Lowercase().normalize(text);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
