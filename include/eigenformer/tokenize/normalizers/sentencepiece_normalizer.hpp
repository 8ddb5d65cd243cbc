// What the sentencepiece library does to a text before it is cut:
// https://github.com/google/sentencepiece/blob/v0.2.0/src/normalizer.cc#L65-L182
#pragma once

#include <utility>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/models/piece_trie.hpp"
#include "eigenformer/tokenize/normalizers/charsmap.hpp"
#include "eigenformer/tokenize/normalizers/normalizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The names of the model file's normalizer_spec.
struct SentencepieceNormalization {
  bool add_dummy_prefix = true;
  bool remove_extra_whitespaces = true;
  bool escape_whitespaces = true;           ///< spaces become U+2581
  bool treat_whitespace_as_suffix = false;  ///< the dummy prefix goes to the end
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
