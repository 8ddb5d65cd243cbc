#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/normalizers/sentencepiece_normalizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// One run over one text. Every byte that is written remembers how much of the text had been used up before it.
class SentencepieceRun {
 public:
  SentencepieceRun(const SentencepieceNormalizer& normalizer, std::string_view text)
      : normalizer_(normalizer), options_(normalizer.options_), text_(text) {}

  void run() {
    if (options_.remove_extra_whitespaces) skip_leading_spaces();
    if (used_ < text_.size()) {
      written_.reserve(text_.size() + text_.size() / 2);
      used_before_.reserve(written_.capacity() + 1);
      if (options_.add_dummy_prefix && !options_.treat_whitespace_as_suffix) put_space();
      bool after_space = options_.remove_extra_whitespaces;
      while (used_ < text_.size()) {
        Part part = next();
        while (after_space && part.instead.starts_with(' ')) part.instead.remove_prefix(1);
        put(part.instead);
        if (!part.instead.empty()) after_space = options_.remove_extra_whitespaces && part.instead.ends_with(' ');
        used_ += part.bytes;
      }
      if (options_.remove_extra_whitespaces) drop_trailing_spaces();
      if (options_.add_dummy_prefix && options_.treat_whitespace_as_suffix) put_space();
    }
    used_before_.push_back(used_);
  }
  std::string& written() { return written_; }
  /// One for each byte written, and one for the end.
  const std::vector<std::size_t>& used_before() const { return used_before_; }

 private:
  struct Part {
    std::string_view instead;
    std::size_t bytes = 0;
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

  void skip_leading_spaces() {
    while (used_ < text_.size()) {
      const Part part = next();
      if (part.instead != " ") return;
      used_ += part.bytes;
    }
  }
  void put(std::string_view part) {
    for (const char c : part) {
      if (c == ' ') {
        put_space();
      } else {
        written_.push_back(c);
      }
    }
    used_before_.resize(written_.size(), used_);
  }
  std::string_view space() const { return options_.escape_whitespaces ? k_escaped : " "; }
  void put_space() {
    written_.append(space());
    used_before_.resize(written_.size(), used_);
  }
  void drop_trailing_spaces() {
    while (written_.ends_with(space())) {
      written_.resize(written_.size() - space().size());
      used_ = used_before_[written_.size()];
      used_before_.resize(written_.size());
    }
  }

  const SentencepieceNormalizer& normalizer_;
  const SentencepieceNormalization& options_;
  std::string_view text_;
  std::size_t used_ = 0;
  std::string written_;
  std::vector<std::size_t> used_before_;
};

EIGENFORMER_INLINE void SentencepieceNormalizer::normalize(AlignedText& text) const {
  if (text.text().empty()) return;
  SentencepieceRun run(*this, text.text());
  run.run();
  text.rewrite(std::move(run.written()), run.used_before());
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
