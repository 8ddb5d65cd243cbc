// The character that stands for a space in a vocabulary becomes one.
#pragma once

#include <string>
#include <utility>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/decoders/decoder.hpp"
#include "eigenformer/tokenize/pre_tokenizers/metaspace.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// In the first token it becomes nothing, as the pre-tokenizer put it in, unless it never does.
class MetaspaceDecoder final : public EachTokenDecoder {
 public:
  explicit MetaspaceDecoder(Metaspace::Options options) : options_(std::move(options)) {}
  void decode(std::string& token, TokenPlace place) const override {
    const bool drops = place == TokenPlace::first && options_.prepend != PrependScheme::never;
    std::string result;
    for (std::size_t k = 0; k < token.size();) {
      if (token.compare(k, options_.replacement.size(), options_.replacement) == 0) {
        if (!drops) result.push_back(' ');
        k += options_.replacement.size();
      } else {
        result.push_back(token[k++]);
      }
    }
    token = std::move(result);
  }

 private:
  Metaspace::Options options_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
