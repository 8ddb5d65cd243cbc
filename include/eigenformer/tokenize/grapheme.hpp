// Where graphemes end, as Hugging Face tokenizers sees it: https://www.unicode.org/reports/tr29/. Flags are left alone:
// their characters have four bytes each, so that no rule of this library asks which two of them belong together.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/grapheme_ranges.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The flags of grapheme_ranges.hpp by character, in pages of 256.
class GraphemeFlags {
 public:
  GraphemeFlags() {
    page_of_.fill(0);
    for (const grapheme_detail::FlagRange& range : grapheme_detail::k_flag_ranges) {
      for (char32_t c = range.first; c <= range.last; ++c) set(c, range.flags);
    }
  }
  unsigned char of(char32_t code_point) const { return pages_[page_of_[code_point >> 8U]][code_point & 0xFFU]; }

 private:
  using Page = std::array<unsigned char, 256>;
  void set(char32_t code_point, unsigned char flags) {
    std::uint16_t& page = page_of_[code_point >> 8U];
    if (page == 0) {
      page = static_cast<std::uint16_t>(pages_.size());
      pages_.emplace_back();
    }
    pages_[page][code_point & 0xFFU] = flags;
  }
  std::array<std::uint16_t, 0x1100> page_of_;
  std::vector<Page> pages_ = std::vector<Page>(1);
};

/// Goes through a text character by character.
class GraphemeBreaker {
 public:
  explicit GraphemeBreaker(const GraphemeFlags& flags) : flags_(flags) {}

  /// Whether the character belongs to the grapheme of the one before it.
  bool joins(char32_t code_point) {
    const unsigned char flags = flags_.of(code_point);
    const Hangul hangul = hangul_of(code_point);
    const bool joined = joins_previous(code_point, flags, hangul);
    follow_picture(code_point, flags);
    follow_conjunct(flags);
    previous_ = code_point;
    previous_flags_ = flags;
    previous_hangul_ = hangul;
    return joined;
  }

 private:
  enum class Hangul : std::uint8_t { none, leading, vowel, trailing, syllable, closed_syllable };
  enum class Picture : std::uint8_t { none, seen, and_joiner };
  enum class Conjunct : std::uint8_t { none, consonant, and_linker };
  static constexpr char32_t k_joiner = 0x200D;

  static Hangul hangul_of(char32_t c) {
    if (c < 0x1100 || c > 0xD7FB) return Hangul::none;
    if (c >= 0xAC00 && c <= 0xD7A3) return (c - 0xAC00) % 28 == 0 ? Hangul::syllable : Hangul::closed_syllable;
    if (c <= 0x115F || (c >= 0xA960 && c <= 0xA97C)) return Hangul::leading;
    if (c <= 0x11A7 || (c >= 0xD7B0 && c <= 0xD7C6)) return Hangul::vowel;
    return c <= 0x11FF || c >= 0xD7CB ? Hangul::trailing : Hangul::none;
  }

  bool joins_hangul(Hangul hangul) const {
    switch (previous_hangul_) {
      case Hangul::leading: return hangul != Hangul::none && hangul != Hangul::trailing;
      case Hangul::vowel:
      case Hangul::syllable: return hangul == Hangul::vowel || hangul == Hangul::trailing;
      case Hangul::trailing:
      case Hangul::closed_syllable: return hangul == Hangul::trailing;
      case Hangul::none: return false;
    }
    return false;
  }

  bool joins_previous(char32_t code_point, unsigned char flags, Hangul hangul) const {
    using namespace grapheme_detail;
    if (previous_ == U'\r' && code_point == U'\n') return true;
    if ((previous_flags_ & k_control) != 0 || (flags & k_control) != 0) return false;
    if ((flags & k_joins) != 0 || (previous_flags_ & k_prepend) != 0) return true;
    if ((flags & k_consonant) != 0 && conjunct_ == Conjunct::and_linker) return true;
    if ((flags & k_picture) != 0 && picture_ == Picture::and_joiner) return true;
    return joins_hangul(hangul);
  }

  void follow_picture(char32_t code_point, unsigned char flags) {
    if ((flags & grapheme_detail::k_picture) != 0) {
      picture_ = Picture::seen;
    } else if (code_point == k_joiner && picture_ != Picture::none) {
      picture_ = Picture::and_joiner;
    } else if ((flags & grapheme_detail::k_emoji) == 0 || picture_ == Picture::and_joiner) {
      picture_ = Picture::none;
    }
  }

  void follow_conjunct(unsigned char flags) {
    if ((flags & grapheme_detail::k_consonant) != 0) {
      conjunct_ = Conjunct::consonant;
    } else if ((flags & grapheme_detail::k_linker) != 0) {
      if (conjunct_ != Conjunct::none) conjunct_ = Conjunct::and_linker;
    } else if ((flags & grapheme_detail::k_conjunct) == 0) {
      conjunct_ = Conjunct::none;
    }
  }

  const GraphemeFlags& flags_;
  char32_t previous_ = U'\n';  ///< the text's begin breaks, as a control does
  unsigned char previous_flags_ = grapheme_detail::k_control;
  Hangul previous_hangul_ = Hangul::none;
  Picture picture_ = Picture::none;
  Conjunct conjunct_ = Conjunct::none;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
