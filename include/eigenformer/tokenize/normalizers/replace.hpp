// One text in the place of another.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/normalizers/normalizer.hpp"
#include "eigenformer/tokenize/patterns/pattern.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Puts a text in the place of every match of a pattern, from left to right.
class Replace final : public Normalizer {
 public:
  Replace(std::unique_ptr<const Pattern> sought, std::string instead)
      : sought_(std::move(sought)), instead_(std::move(instead)) {}
  void normalize(AlignedText& text) const override;

 private:
  std::unique_ptr<const Pattern> sought_;
  std::string instead_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/normalizers/replace-inl.hpp"
#endif
