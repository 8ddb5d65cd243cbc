#pragma once

#include <cstddef>

#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/normalizers/precompiled.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// One run over one text. Until the first replacement nothing is written down.
class PrecompiledRun {
 public:
  PrecompiledRun(const Precompiled& normalizer, std::string_view text) : normalizer_(normalizer), text_(text) {}

  void run() {
    GraphemeBreaker breaker(normalizer_.flags_);
    for (std::size_t begin = 0; begin < text_.size();) {
      if (const std::size_t last = last_plain(begin); last > begin) {
        keep(begin, last);
        breaker.joins(character_at(text_, last).code_point);  // after a plain character nothing before it matters
        begin = last;
      }
      std::size_t end = begin;
      if (begin == 0) breaker.joins(character_at(text_, 0).code_point);
      do end += character_at(text_, end).bytes;
      while (end < text_.size() && breaker.joins(character_at(text_, end).code_point));
      replace_grapheme(begin, end);
      begin = end;
    }
  }
  bool changed() const { return changed_; }
  const std::vector<ChangedCharacter>& characters() const { return characters_; }

 private:
  static constexpr std::size_t k_whole_below_bytes = 6;

  /// The last of a run of plain characters that begins here; each but that one is a grapheme for certain.
  std::size_t last_plain(std::size_t begin) const {
    std::size_t last = begin;
    while (last + 1 < text_.size() && normalizer_.is_plain(text_[last]) && normalizer_.is_plain(text_[last + 1]))
      ++last;
    return last;
  }
  void keep(std::size_t begin, std::size_t end) {
    if (!changed_) return;
    for (std::size_t k = begin; k < end; ++k) characters_.push_back({static_cast<unsigned char>(text_[k]), 0});
  }

  void replace_grapheme(std::size_t begin, std::size_t end) {
    const std::string_view grapheme = text_.substr(begin, end - begin);
    if (grapheme.size() < k_whole_below_bytes) {
      if (const auto match = normalizer_.map_.shortest(grapheme)) {
        replace(begin, grapheme, match->instead);
        return;
      }
      if (grapheme.size() == character_at(grapheme, 0).bytes) {
        keep(grapheme);
        return;
      }
    }
    for (std::size_t k = 0; k < grapheme.size();) {
      const std::string_view part = grapheme.substr(k, character_at(grapheme, k).bytes);
      if (const auto match = normalizer_.map_.shortest(part)) {
        replace(begin + k, part, match->instead);
      } else {
        keep(part);
      }
      k += part.size();
    }
  }

  void keep(std::string_view character) {
    if (changed_) characters_.push_back({character_at(character, 0).code_point, 0});
  }

  /// More characters than before are insertions; fewer, and the last one written takes the place of what is gone.
  void replace(std::size_t begin, std::string_view old_part, std::string_view new_part) {
    if (!changed_) {
      changed_ = true;
      characters_.reserve(text_.size());
      for (std::size_t k = 0; k < begin; k += character_at(text_, k).bytes) keep(text_.substr(k));
    }
    int missing = count(old_part);
    for (std::size_t k = 0; k < new_part.size();) {
      const Character character = character_at(new_part, k);
      characters_.push_back({character.code_point, missing > 0 ? 0 : 1});
      --missing;
      k += character.bytes;
    }
    if (missing > 0 && !characters_.empty()) characters_.back().change -= missing;
  }
  static int count(std::string_view text) {
    int characters = 0;
    for (const char c : text) characters += is_continuation(c) ? 0 : 1;
    return characters;
  }

  const Precompiled& normalizer_;
  std::string_view text_;
  bool changed_ = false;
  std::vector<ChangedCharacter> characters_;
};

EIGENFORMER_INLINE Precompiled::Precompiled(Charsmap map) : map_(std::move(map)) {
  for (unsigned char c = ' '; c < 0x7F; ++c) {
    const char character = static_cast<char>(c);
    plain_[c] = flags_.of(c) == 0 && !map_.shortest({&character, 1});
  }
}

EIGENFORMER_INLINE void Precompiled::normalize(AlignedText& text) const {
  PrecompiledRun run(*this, text.text());
  run.run();
  if (run.changed()) text.transform(run.characters());
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
