// Literals of expressions.
#pragma once

#include "eigenformer/chat/template/lexer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

/// Reads the number that `rest` begins with into `token` and returns its length; 0 where there is none.
/// `after_point`: the character before is a point, so that 1.2 in `a.1.2` is no number.
std::size_t scan_number(std::string_view rest, bool after_point, const SourcePlace& place, Token& token);
/// What stands between the quotes of a literal, with Python's escapes replaced.
std::string unescape(std::string_view body, const SourcePlace& place);

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
