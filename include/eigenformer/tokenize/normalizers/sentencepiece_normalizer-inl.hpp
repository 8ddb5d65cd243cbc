#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/normalizers/sentencepiece_normalizer.hpp"
#include "eigenformer/tokenize/pre_tokenizers/language_code.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// One run over one text. What is written has the place of what it was made from.
class SentencepieceRun {
 public:
  SentencepieceRun(const SentencepieceNormalizer& normalizer, AlignedText& text)
      : normalizer_(normalizer), options_(normalizer.options_), text_(text.text()), writer_(text) {}

  void run() {
    if (options_.keeps_language_code) keep_language_code();
    const std::optional<std::size_t> dropped = options_.remove_extra_whitespaces ? skip_leading_spaces() : std::nullopt;
    if (used_ < text_.size()) {
      if (options_.add_dummy_prefix && !options_.treat_whitespace_as_suffix) {
        spaces_.push_back({.place = dropped.value_or(used_)});
      }
      bool after_space = options_.remove_extra_whitespaces;
      while (used_ < text_.size()) {
        Part part = next();
        while (after_space && part.instead.starts_with(' ')) {
          part.instead.remove_prefix(1);
          if (!spaces_.empty()) spaces_.back().place = used_;
        }
        put(part.instead);
        if (!part.instead.empty()) after_space = options_.remove_extra_whitespaces && part.instead.ends_with(' ');
        used_ += part.bytes;
      }
      end_spaces();
    }
    writer_.finish();
  }

 private:
  struct Part {
    std::string_view instead;
    std::size_t bytes = 0;
  };
  struct WaitingSpace {
    std::size_t place = 0;
    bool is_mark = false;  ///< written as U+2581, not as a space
  };
  static constexpr std::string_view k_escaped = "\xE2\x96\x81";

  Part next() const {
    const std::string_view rest = text_.substr(used_);
    if (!normalizer_.user_defined_.empty()) {
      const PieceTrie::Longest whole = normalizer_.user_defined_.longest(rest);
      if (whole.id >= 0) return {rest.substr(0, whole.bytes), whole.bytes};
    }
    if (const auto match = normalizer_.map_.longest(rest)) return {match->instead, match->bytes};
    const std::size_t bytes = character_at(rest, 0).bytes;
    return {rest.substr(0, bytes), bytes};
  }

  void keep_language_code() {
    used_ = language_code_end(text_);
    writer_.keep({0, used_});
  }

  /// The place of the last of them.
  std::optional<std::size_t> skip_leading_spaces() {
    std::optional<std::size_t> last;
    while (used_ < text_.size()) {
      const Part part = next();
      if (part.instead != " ") break;
      last = used_;
      used_ += part.bytes;
    }
    return last;
  }

  /// Spaces wait until something follows them: at the end they may be dropped, those too that were written as U+2581.
  void put(std::string_view part) {
    for (std::size_t k = 0; k < part.size();) {
      const std::size_t bytes = character_at(part, k).bytes;
      const std::string_view character = part.substr(k, bytes);
      if (character == " " || character == space()) {
        spaces_.push_back({.place = used_, .is_mark = character != " "});
      } else {
        if (options_.mark_place == MarkPlace::following) move_spaces_to(used_);
        flush_spaces();
        writer_.put(character, used_);
      }
      k += bytes;
    }
  }
  /// Each to what follows it: the next U+2581 of the text, or what stands at that place.
  void move_spaces_to(std::size_t place) {
    for (auto waiting = spaces_.rbegin(); waiting != spaces_.rend(); ++waiting) {
      if (waiting->is_mark) {
        place = waiting->place;
      } else {
        waiting->place = place;
      }
    }
  }
  void flush_spaces() {
    for (const WaitingSpace& waiting : spaces_) writer_.put(space(), waiting.place);
    spaces_.clear();
  }
  void end_spaces() {
    if (options_.remove_extra_whitespaces) spaces_.clear();
    if (options_.add_dummy_prefix && options_.treat_whitespace_as_suffix)
      spaces_.push_back({.place = text_.size() - 1});
    flush_spaces();
  }
  std::string_view space() const { return options_.escape_whitespaces ? k_escaped : " "; }

  const SentencepieceNormalizer& normalizer_;
  const SentencepieceNormalization& options_;
  std::string_view text_;
  AlignedWriter writer_;
  std::size_t used_ = 0;
  std::vector<WaitingSpace> spaces_;
};

EIGENFORMER_INLINE void SentencepieceNormalizer::normalize(AlignedText& text) const {
  if (text.text().empty()) return;
  SentencepieceRun(*this, text).run();
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
