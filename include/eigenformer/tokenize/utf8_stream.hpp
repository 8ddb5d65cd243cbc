// Bytes that may or may not be UTF-8 become text that is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// What stands in for an ill-formed sequence: U+FFFD.
inline constexpr std::string_view k_replacement = "\xEF\xBF\xBD";

/// A character, or the longest ill-formed sequence that could have begun one (Unicode 15, table 3-7 and section 3.9,
/// "U+FFFD substitution of maximal subparts").
struct Utf8Sequence {
  std::uint8_t bytes = 1;
  bool well_formed = true;
  bool cut_off = false;  ///< ill-formed only because the text ends here
};

Utf8Sequence utf8_sequence_at(std::string_view bytes, std::size_t position);

/// The first place from `position` on that is not well-formed, or the end.
std::size_t find_ill_formed(std::string_view bytes, std::size_t position);

/// Takes bytes as they come and gives whole characters back.
class Utf8Stream {
 public:
  /// The text that the bytes so far have made certain since the last call.
  std::string push(std::string_view bytes);
  /// U+FFFD for a character that was begun and not finished; empty else.
  std::string finish();

 private:
  std::string pending_;  ///< fewer than four bytes: the begin of a character
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/utf8_stream-inl.hpp"
#endif
