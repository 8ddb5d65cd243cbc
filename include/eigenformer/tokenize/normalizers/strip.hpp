// A text without the white space at its ends, and without its accents.
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/normalizers/by_character.hpp"
#include "eigenformer/tokenize/normalizers/normalizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class Strip final : public Normalizer {
 public:
  struct Sides {
    bool left = true, right = true;
  };
  explicit Strip(Sides sides) : sides_(sides) {}
  void normalize(AlignedText& text) const override;

 private:
  Sides sides_;
};

/// Leaves out marks that combine. What is composed stays: NFD takes it apart first.
class StripAccents final : public Normalizer {
 public:
  void normalize(AlignedText& text) const override { remove_characters(text, property::k_mark); }
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/normalizers/strip-inl.hpp"
#endif
