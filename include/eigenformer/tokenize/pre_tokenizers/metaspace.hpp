// Spaces become a character that vocabularies have, mostly U+2581, and words begin with it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenize/pre_tokenizers/pre_tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

/// Which pieces get one put in front, if they do not begin with one.
enum class PrependScheme : std::uint8_t {
  always,
  first,  ///< what begins the input
  never,
};

class Metaspace final : public PreTokenizer {
 public:
  struct Options {
    std::string replacement = "\xE2\x96\x81";  ///< one character
    PrependScheme prepend = PrependScheme::always;
    bool split = true;  ///< cut before each of them
  };
  explicit Metaspace(Options options) : options_(std::move(options)) {}
  void split(PreTokenizedText& text) const override;

 private:
  Options options_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/tokenize/pre_tokenizers/metaspace-inl.hpp"
#endif
