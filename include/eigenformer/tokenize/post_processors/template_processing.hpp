// Tokens in front of a text and behind it: Llama 3's <|begin_of_text|>.
#pragma once

#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/post_processors/post_processor.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class TemplateProcessing final : public PostProcessor {
 public:
  struct Tokens {
    std::vector<TokenId> before, after;
  };
  explicit TemplateProcessing(Tokens tokens) : tokens_(std::move(tokens)) {}
  void process(EncodedText& encoded, const EncodeOptions& options) const override {
    if (!options.add_special_tokens) return;
    encoded.before.insert(encoded.before.begin(), tokens_.before.begin(), tokens_.before.end());
    encoded.after.insert(encoded.after.end(), tokens_.after.begin(), tokens_.after.end());
  }

 private:
  Tokens tokens_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
