// Numbers in texts, as int() and float() of Python read them, and round().
#pragma once

#include <optional>
#include <string_view>

#include "eigenformer/chat/template/runtime.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {
namespace chat {
namespace templating {

/// int(text, base); none where the text is no integer. An integer that does not fit 64 bits is an error.
std::optional<std::int64_t> parse_integer(Runtime& runtime, std::string_view text, int base);
/// float(text); none where the text is no number.
std::optional<double> parse_float(std::string_view text);
/// round(number, digits): to the nearest, halves to even, exactly as the decimal digits of the number say.
Value rounded(Runtime& runtime, const Value& number, int digits);

}  // namespace templating
}  // namespace chat
}  // namespace eigenformer::inline EIGENFORMER_ABI
