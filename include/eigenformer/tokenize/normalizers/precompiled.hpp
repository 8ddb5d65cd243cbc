// The normalizer "Precompiled" of tokenizer.json: sentencepiece's table of replacements, applied by graphemes.
#pragma once

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/grapheme.hpp"
#include "eigenformer/tokenize/normalizers/charsmap.hpp"
#include "eigenformer/tokenize/normalizers/normalizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// A grapheme of fewer than six bytes that begins with a source becomes that source's target, whatever else is in it;
/// every other one is replaced character by character. Both take the shortest source. So
/// https://github.com/huggingface/tokenizers/blob/v0.22.0/tokenizers/src/normalizers/precompiled.rs has it, which is
/// not what the sentencepiece library does with the same table (sentencepiece_normalizer.hpp).
class Precompiled final : public Normalizer {
 public:
  explicit Precompiled(Charsmap map);
  void normalize(AlignedText& text) const override;

 private:
  friend class PrecompiledRun;
  /// Whether it is a character of ASCII that the table leaves alone, and that joins no other: most of many texts.
  bool is_plain(char c) const {
    return static_cast<unsigned char>(c) < plain_.size() && plain_[static_cast<unsigned char>(c)];
  }

  Charsmap map_;
  GraphemeFlags flags_;
  std::array<bool, 128> plain_{};
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/normalizers/precompiled-inl.hpp"
#endif
