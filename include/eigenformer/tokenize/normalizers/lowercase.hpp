// Small letters, character by character, without regard to language or context.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/normalizers/normalizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// The simple lower case of each character; U+0130 becomes "i" and a dot above.
class Lowercase final : public Normalizer {
 public:
  void normalize(AlignedText& text) const override;
};

/// A text in small letters; well-formed UTF-8.
std::string small_letters(std::string_view text);

/// Puts a character's small letter, which may be two characters.
void put_small(char32_t code_point, std::size_t place, AlignedWriter& writer);

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/normalizers/lowercase-inl.hpp"
#endif
