// What BERT does to a text before it looks for words:
// https://github.com/google-research/bert/blob/eedf5716ce1268e56f0a50264a88cafad334ac61/tokenization.py#L161
#pragma once

#include <optional>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/normalizers/normalizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

class BertNormalizer final : public Normalizer {
 public:
  struct Options {
    bool clean_text = true;                  ///< control characters go, white space becomes spaces
    bool handle_chinese_chars = true;        ///< spaces around ideographs
    std::optional<bool> strip_accents = {};  ///< nothing: as `lowercase` says
    bool lowercase = true;
  };
  explicit BertNormalizer(const Options& options) : options_(options) {}
  void normalize(AlignedText& text) const override;

 private:
  bool strips_accents() const { return options_.strip_accents.value_or(options_.lowercase); }

  Options options_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/normalizers/bert-inl.hpp"
#endif
