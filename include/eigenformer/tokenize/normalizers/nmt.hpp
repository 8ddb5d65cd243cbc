// The cleaning of NMT models: control characters go, and what only looks like nothing becomes a space.
// https://github.com/google/sentencepiece/blob/v0.2.0/src/builder.cc#L364
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/normalizers/normalizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class Nmt final : public Normalizer {
 public:
  void normalize(AlignedText& text) const override;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/normalizers/nmt-inl.hpp"
#endif
