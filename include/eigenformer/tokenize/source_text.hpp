// The input of a tokenizer as well-formed text, with the way back to the bytes that were given.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/byte_span.hpp"
#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// A text in which each ill-formed sequence has become U+FFFD. Keeps a view of what was given.
class SourceText {
 public:
  explicit SourceText(std::string_view given);
  SourceText(const SourceText&) = delete;
  SourceText& operator=(const SourceText&) = delete;

  std::string_view text() const { return repairs_.empty() ? given_ : std::string_view(repaired_); }
  /// The bytes given that a range of whole characters of `text()` stands for.
  ByteSpan to_given(ByteSpan span) const;
  /// The range of `text()` that holds all of the given bytes.
  ByteSpan from_given(ByteSpan span) const;

 private:
  struct Repair {
    std::size_t text_begin = 0;   ///< of U+FFFD in text()
    std::size_t given_begin = 0;  ///< of the ill-formed sequence
    std::size_t given_end = 0;
  };

  std::string_view given_;
  std::string repaired_;
  std::vector<Repair> repairs_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/source_text-inl.hpp"
#endif
