// Classes of characters and changes of case, as Python's str has them. Character data: utf8proc.
#pragma once

#include <string>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

bool is_space(char32_t c);
bool is_alpha(char32_t c);
bool is_decimal(char32_t c);
bool is_digit(char32_t c);
bool is_numeric_character(char32_t c);
bool is_alnum(char32_t c);
bool is_lower(char32_t c);
bool is_upper(char32_t c);
bool is_title(char32_t c);
bool is_printable(char32_t c);
/// May stand in a Python identifier; `first` for its first character.
bool is_identifier_start(char32_t c);
bool is_identifier_part(char32_t c);

/// The full mappings: "ß" becomes "SS", U+0130 becomes two characters.
std::u32string to_upper(char32_t c);
std::u32string to_title(char32_t c);
std::u32string to_lower(char32_t c);
std::u32string to_folded(char32_t c);
/// Whether the Greek capital sigma at the place between these two becomes a final one in lower case is decided by them.
bool is_cased(char32_t c);
bool is_case_ignorable(char32_t c);

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
