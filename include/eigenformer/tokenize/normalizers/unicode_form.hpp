// NFC, NFD, NFKC, NFKD: https://www.unicode.org/reports/tr15/
#pragma once

#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/normalizers/normalizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

enum class UnicodeForm : std::uint8_t { nfc, nfd, nfkc, nfkd };

/// A normalization form as of Unicode 9: what Hugging Face tokenizers is built with. Later characters stay as they are,
/// whatever version of utf8proc is installed; those of Unicode 9 never change (the standard's stability policy).
class UnicodeNormalizer final : public Normalizer {
 public:
  explicit UnicodeNormalizer(UnicodeForm form) : form_(form) {}
  void normalize(AlignedText& text) const override;

 private:
  UnicodeForm form_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/normalizers/unicode_form-inl.hpp"
#endif
