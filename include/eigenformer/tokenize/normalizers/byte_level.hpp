// The bytes of a text as the characters that stand for them in a byte-level vocabulary.
#pragma once

#include <cstddef>
#include <string_view>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/byte_alphabet.hpp"
#include "eigenformer/tokenize/normalizers/normalizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class ByteLevelNormalizer final : public Normalizer {
 public:
  void normalize(AlignedText& text) const override {
    const std::string_view old = text.text();
    AlignedWriter writer(text);
    for (std::size_t k = 0; k < old.size(); ++k) {
      writer.put(k_character_of_byte[static_cast<unsigned char>(old[k])], k);
    }
    writer.finish();
  }
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
