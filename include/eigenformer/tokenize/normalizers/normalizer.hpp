// The stage that changes characters before anything is split.
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/aligned_text.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual void normalize(AlignedText& text) const = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
