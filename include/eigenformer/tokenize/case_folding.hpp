// Texts that differ only in upper and lower case become the same text.
#pragma once

#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Unicode's full case folding of a character that is no surrogate: U+00DF (sharp s) becomes "ss". Section 3.13 of the
/// standard, "Default Case Folding"; without regard to language. Character data: utf8proc.
std::u32string folded_character(char32_t code_point);

/// The same of each character of a text; well-formed UTF-8. What is ill-formed counts as U+FFFD. Canonically equivalent
/// texts stay different.
std::string folded_text(std::string_view text);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/case_folding-inl.hpp"
#endif
