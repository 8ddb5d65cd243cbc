// The stage that turns tokens into bytes of text. Bytes that are no UTF-8 are taken care of after it (utf8_stream.hpp).
#pragma once

#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class Decoder {
 public:
  virtual ~Decoder() = default;
  /// Appends what a token adds to the text.
  virtual void append(std::string_view token, std::string& bytes) const = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
