// Bans of passages that are there already.
#pragma once

#include <cstddef>
#include <span>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/logits_processor.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// No `size` tokens in a row come twice. https://arxiv.org/abs/1705.04304, section 2.5; transformers'
/// NoRepeatNGramLogitsProcessor.
class NoRepeatedNgram : public LogitsProcessor {
 public:
  explicit NoRepeatedNgram(std::size_t size) : size_(size) {}
  void process(const ProcessedText& text, std::span<float> scores) const override;

 private:
  std::size_t size_;
};

/// No `size` tokens in a row of the source come; of a decoder: of the prompt. transformers'
/// EncoderNoRepeatNGramLogitsProcessor.
class NoNgramOfSource : public LogitsProcessor {
 public:
  explicit NoNgramOfSource(std::size_t size) : size_(size) {}
  void process(const ProcessedText& text, std::span<float> scores) const override;

 private:
  std::size_t size_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/processors/repeated_ngrams-inl.hpp"
#endif
