// Pieces of so many characters.
#pragma once

#include <cstddef>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/pre_tokenizers/pre_tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class FixedLength final : public PreTokenizer {
 public:
  /// `characters` is at least 1; the last piece may be shorter.
  explicit FixedLength(std::size_t characters) : characters_(characters) {}
  void split(PreTokenizedText& text) const override;

 private:
  std::size_t characters_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/pre_tokenizers/fixed_length-inl.hpp"
#endif
