// A text in front of every other.
#pragma once

#include <string>
#include <utility>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/normalizers/normalizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Puts `prefix` before a text that is not empty.
class Prepend final : public Normalizer {
 public:
  explicit Prepend(std::string prefix) : prefix_(std::move(prefix)) {}
  void normalize(AlignedText& text) const override;

 private:
  std::string prefix_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/normalizers/prepend-inl.hpp"
#endif
