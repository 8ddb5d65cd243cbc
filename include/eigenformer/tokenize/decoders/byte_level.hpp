// The bytes that a byte-level token's characters stand for.
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/byte_alphabet.hpp"
#include "eigenformer/tokenize/decoders/decoder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// A token with a character outside of the alphabet is text as it is.
class ByteLevelDecoder final : public Decoder {
 public:
  void append(std::string_view token, std::string& bytes) const override { append_token_bytes(token, bytes); }
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
