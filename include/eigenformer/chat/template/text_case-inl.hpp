#pragma once

#include "eigenformer/chat/template/text_operations.hpp"
#include "eigenformer/chat/template/unicode.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {
namespace case_detail {

inline constexpr char32_t k_capital_sigma = 0x3A3;

/// Whether the next character that has a say, from `position` on, is a letter with case.
EIGENFORMER_INLINE bool is_followed_by_cased(std::string_view bytes, std::size_t position) {
  while (position < bytes.size()) {
    const CodePoint point = decode(bytes, position);
    position += point.size;
    if (!is_case_ignorable(point.value)) return is_cased(point.value);
  }
  return false;
}

inline std::u32string swapped(char32_t c) {
  return is_upper(c) ? to_lower(c) : is_lower(c) ? to_upper(c) : std::u32string(1, c);
}

}  // namespace case_detail

EIGENFORMER_INLINE void append_case(const Text& text, ByteSpan span, Case to, TextBuilder& out) {
  const std::string_view bytes = std::string_view(text.bytes).substr(0, span.end);
  bool after_cased = false;   // the character before is a letter with case
  bool sigma_is_end = false;  // the same, leaving out those that are ignored: decides on the form of a sigma
  bool first = true;
  for (TextCursor cursor(text, span.begin); cursor.position() < span.end; first = false) {
    const Provenance provenance = cursor.provenance();
    const char32_t c = cursor.next();
    const auto lower = [&]() -> std::u32string {
      if (c != case_detail::k_capital_sigma) return to_lower(c);
      const bool final = sigma_is_end && !case_detail::is_followed_by_cased(bytes, cursor.position());
      return final ? U"\u03C2" : U"\u03C3";
    };
    std::u32string changed;
    switch (to) {
      case Case::upper: changed = to_upper(c); break;
      case Case::lower: changed = lower(); break;
      case Case::folded: changed = to_folded(c); break;
      case Case::swapped: changed = is_upper(c) ? lower() : case_detail::swapped(c); break;
      case Case::title: changed = after_cased ? lower() : to_title(c); break;
      case Case::capitalized: changed = first ? to_title(c) : lower(); break;
    }
    for (const char32_t character : changed) out.append(character, provenance);
    after_cased = is_cased(c);
    if (!is_case_ignorable(c)) sigma_is_end = after_cased;
  }
}

EIGENFORMER_INLINE Value change_case(Runtime& runtime, const Text& text, Case to) {
  runtime.characters(2 * text.bytes.size());
  TextBuilder out(runtime);
  append_case(text, {0, text.bytes.size()}, to, out);
  return out.escaped(text.escaped).value();
}

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
