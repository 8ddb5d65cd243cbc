// Pieces of one script each.
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/pre_tokenizers/pre_tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Kana count as Han, and a space goes with any script. As in the reference, what stands before the first character of
/// a script, and goes with any, is dropped.
class UnicodeScripts final : public PreTokenizer {
 public:
  void split(PreTokenizedText& text) const override;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/pre_tokenizers/unicode_scripts-inl.hpp"
#endif
