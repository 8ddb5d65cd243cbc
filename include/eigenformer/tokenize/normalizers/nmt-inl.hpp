#pragma once

#include <cstddef>

#include "eigenformer/tokenize/normalizers/by_character.hpp"
#include "eigenformer/tokenize/normalizers/nmt.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace nmt_detail {

inline bool is_removed(char32_t c) {
  return (c >= 0x01 && c <= 0x08) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F;
}

inline bool becomes_space(char32_t c) {
  switch (c) {
    case 0x09:
    case 0x0A:
    case 0x0C:
    case 0x0D:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x2581:
    case 0xFEFF:
    case 0xFFFD: return true;
    default: return c >= 0x200B && c <= 0x200F;
  }
}

}  // namespace nmt_detail

EIGENFORMER_INLINE void Nmt::normalize(AlignedText& text) const {
  rewrite_characters_if(
      text, [](char32_t c) { return nmt_detail::is_removed(c) || nmt_detail::becomes_space(c); },
      [](char32_t c, std::size_t place, AlignedWriter& writer) {
        if (!nmt_detail::is_removed(c)) writer.put(U' ', place);
      });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
