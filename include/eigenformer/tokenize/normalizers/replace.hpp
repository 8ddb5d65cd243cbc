// One text in the place of another.
#pragma once

#include <string>
#include <utility>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/normalizers/normalizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Replaces every occurrence of a literal text, from left to right.
class Replace final : public Normalizer {
 public:
  /// `sought` is not empty.
  struct Texts {
    std::string sought, instead;
  };
  explicit Replace(Texts texts) : texts_(std::move(texts)) {}
  void normalize(AlignedText& text) const override;

 private:
  Texts texts_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/normalizers/replace-inl.hpp"
#endif
