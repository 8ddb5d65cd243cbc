// BERT's words: what lies between white space, and every punctuation mark by itself.
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/pre_tokenizers/pre_tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class BertPreTokenizer final : public PreTokenizer {
 public:
  void split(PreTokenizedText& text) const override;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/pre_tokenizers/bert-inl.hpp"
#endif
