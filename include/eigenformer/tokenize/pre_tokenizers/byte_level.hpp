// GPT-2's pre-tokenizer: words by its pattern, then bytes. The bytes themselves are the model's business: it knows each
// by the character that stands for it in the vocabulary (byte_alphabet.hpp).
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/pre_tokenizers/pre_tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class ByteLevel final : public PreTokenizer {
 public:
  struct Options {
    bool add_prefix_space = false;  ///< before every piece that does not begin with one
    bool use_regex = true;          ///< cut by GPT-2's pattern
  };
  explicit ByteLevel(Options options) : options_(options) {}
  void split(PreTokenizedText& text) const override;

 private:
  Options options_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/pre_tokenizers/byte_level-inl.hpp"
#endif
