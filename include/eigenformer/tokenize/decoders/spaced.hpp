// What stands in where a tokenizer has no decoder.
#pragma once

#include <string>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/decoders/decoder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The tokens with a space between two.
class SpacedDecoder final : public EachTokenDecoder {
 public:
  void decode(std::string& token, TokenPlace place) const override {
    if (place == TokenPlace::later) token.insert(0, 1, ' ');
  }
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
