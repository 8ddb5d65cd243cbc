// What the sentencepiece library does to a text before it is cut:
// https://github.com/google/sentencepiece/blob/v0.2.0/src/normalizer.cc#L65-L182
#pragma once

#include <cstdint>
#include <utility>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/models/piece_trie.hpp"
#include "eigenformer/tokenize/normalizers/charsmap.hpp"
#include "eigenformer/tokenize/normalizers/normalizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Where in the input the mark of a word stands, for offsets.
enum class MarkPlace : std::uint8_t {
  space,      ///< at the space before the word, of several at the last; without one at the word's first character
  following,  ///< at the word's first character, as where a text is cut at white space before words are marked
};

/// The names of the model file's normalizer_spec; the language code is Marian's.
struct SentencepieceNormalization {
  bool add_dummy_prefix = true;
  bool remove_extra_whitespaces = true;
  bool escape_whitespaces = true;           ///< spaces become U+2581
  bool treat_whitespace_as_suffix = false;  ///< the dummy prefix goes to the end
  bool keeps_language_code = false;         ///< ">>fra<<" at the begin stays, and the text begins behind it
  MarkPlace mark_place = MarkPlace::space;
};

/// From the left, the longest source that begins there becomes its target; pieces that a user defined stay as they are.
class SentencepieceNormalizer final : public Normalizer {
 public:
  SentencepieceNormalizer(Charsmap map, PieceTrie user_defined, SentencepieceNormalization options)
      : map_(std::move(map)), user_defined_(std::move(user_defined)), options_(options) {}
  void normalize(AlignedText& text) const override;

 private:
  friend class SentencepieceRun;
  Charsmap map_;
  PieceTrie user_defined_;
  SentencepieceNormalization options_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/normalizers/sentencepiece_normalizer-inl.hpp"
#endif
