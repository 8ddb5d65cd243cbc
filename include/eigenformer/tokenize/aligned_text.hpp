// Text that normalizers and pre-tokenizers change, with the place in the input that each byte came from.
#pragma once

#include <cstddef>
#include <cstdint>
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

/// What a text remembers of where it came from: the place of every byte, or no more than which bytes stem from the
/// first character of the input.
enum class Places : std::uint8_t { every, first };

/// A piece of the input under change. As long as nothing changed, no alignment is kept: byte i stands for itself.
class AlignedText {
 public:
  /// `origin` is where `text` begins in the input. Keeps a view of `text`, which outlives it.
  AlignedText(std::string_view text, std::size_t origin, Places places = Places::every);
  AlignedText(AlignedText&&) = default;
  AlignedText& operator=(AlignedText&&) = default;

  std::string_view text() const { return changed_ ? std::string_view(owned_) : source_; }
  /// The range of the input that a range of `text()` stands for: whole characters. Only with Places::every.
  ByteSpan origin_of(ByteSpan span) const;
  /// Whether a byte of `text()` stems from the first character of the input, in any case.
  bool begins_input(std::size_t byte) const { return origin_ == 0 && byte < lead_; }

  /// A part of it. It shares the view of a text that has not changed, and copies the part of one that has.
  AlignedText slice(ByteSpan span) const;

  /// Replaces the whole text.
  void transform(const std::vector<ChangedCharacter>& characters);
  /// Puts `text` in the place of `replaced`; every new byte shares the place of the last byte that was replaced.
  void replace(const std::vector<ByteSpan>& replaced, std::string_view text);

 private:
  friend class AlignedWriter;

  ByteSpan place(std::size_t byte) const;

  std::string_view source_;  ///< what the places point into
  std::size_t origin_ = 0;   ///< where the source begins in the input
  Places kept_ = Places::every;
  bool changed_ = false;
  std::size_t lead_ = 0;  ///< how many bytes at the begin stem from the first character of the source
  std::string owned_;
  std::vector<std::uint32_t> places_;  ///< of each byte of owned_: where its character begins in the source
};

/// Writes the text that takes the place of an old one, from left to right. The old one stays as it is until `finish`.
class AlignedWriter {
 public:
  explicit AlignedWriter(AlignedText& text);
  AlignedWriter(const AlignedWriter&) = delete;
  AlignedWriter& operator=(const AlignedWriter&) = delete;

  /// Takes over bytes of the old text.
  void keep(ByteSpan span);
  /// Puts bytes that share the place of a byte of the old text. TokenizerError "tokenizer.normalized_size" where the
  /// text grows as no sound tokenizer lets it.
  void put(std::string_view bytes, std::size_t place);
  void put(char32_t code_point, std::size_t place);
  /// How many bytes have been written.
  std::size_t size() const { return next_.size(); }
  void finish();

 private:
  void place_until_end(std::size_t place);
  void need_room(std::size_t bytes) const {
    if (bytes > limit_ - next_.size()) too_large();
  }
  [[noreturn]] void too_large() const;
  std::uint32_t begin_of(std::size_t byte) const;

  AlignedText& text_;
  std::size_t limit_;  ///< of next_
  std::string next_;
  std::vector<std::uint32_t> places_;
  std::size_t lead_ = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/aligned_text-inl.hpp"
#endif
