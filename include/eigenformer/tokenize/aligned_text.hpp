// Text that normalizers and pre-tokenizers change, with the place in the input that each byte came from.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/core/byte_span.hpp"
#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// One character of a changed text, in Hugging Face's words: `change` is 1 for a character that was inserted, 0 for one
/// that takes the place of the next old character, and -n for one that takes its place and that of the n after it.
struct ChangedCharacter {
  char32_t code_point = 0;
  int change = 0;
};

/// A piece of the input under change. As long as nothing changed, no alignment is kept: byte i stands for itself.
class AlignedText {
 public:
  /// `origin` is where `text` begins in the input. Keeps a view until something changes.
  AlignedText(std::string_view text, std::size_t origin) : view_(text), origin_(origin) {}
  AlignedText(AlignedText&&) = default;
  AlignedText& operator=(AlignedText&&) = default;

  std::string_view text() const { return changed_ ? std::string_view(owned_) : view_; }
  /// The range of the input that a range of `text()` stands for: whole characters.
  ByteSpan origin_of(ByteSpan span) const;

  /// A part of it. It shares the view of a text that has not changed, and copies the part of one that has.
  AlignedText slice(ByteSpan span) const;

  /// Replaces the whole text.
  void transform(const std::vector<ChangedCharacter>& characters);
  /// Puts `text` in the place of `replaced`; every new byte shares the place of the last byte that was replaced.
  void replace(const std::vector<ByteSpan>& replaced, std::string_view text);
  /// Puts a space before each of the positions, which are ascending and inside the text; it shares the place of the
  /// character that follows it.
  void insert_spaces(const std::vector<std::size_t>& positions);
  /// Replaces the whole text. `used_before` has, for each new byte and for the end, how many bytes of the old text had
  /// been used up before it; a new byte stands for what lies between its own place and that of the next one.
  void rewrite(std::string text, const std::vector<std::size_t>& used_before);

 private:
  ByteSpan place(std::size_t byte) const;
  void become(std::string text, std::vector<ByteSpan> places);

  std::string_view view_;
  std::size_t origin_ = 0;
  bool changed_ = false;
  std::string owned_;
  std::vector<ByteSpan> places_;  ///< of each byte of owned_, in the input
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/aligned_text-inl.hpp"
#endif
