// The rules of nmt for control characters and white space:
// https://github.com/huggingface/tokenizers/blob/v0.22.0/tokenizers/src/normalizers/unicode.rs
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/character.hpp"
#include "eigenformer/tokenize/normalizers/normalizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class NmtNormalizer final : public Normalizer {
 public:
  void normalize(AlignedText& text) const override {
    const std::string_view old = text.text();
    AlignedWriter writer(text);
    for (std::size_t k = 0; k < old.size();) {
      const Character character = character_at(old, k);
      if (!is_dropped(character.code_point)) {
        writer.put(becomes_space(character.code_point) ? U' ' : character.code_point, k);
      }
      k += character.bytes;
    }
    writer.finish();
  }

 private:
  static bool is_dropped(char32_t c) {
    return (c >= 0x1 && c <= 0x8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F;
  }
  static bool becomes_space(char32_t c) {
    return c == 0x9 || c == 0xA || c == 0xC || c == 0xD || c == 0x1680 || (c >= 0x200B && c <= 0x200F) ||
           c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
  }
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
