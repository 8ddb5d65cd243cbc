// Against passages that are said again: DryOptions.
#pragma once

#include <span>
#include <utility>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/logits_processor.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// score -= multiplier * base^(n - allowed_length), where n is the length of the longest passage at the text's end that
/// stood before this token already, and n >= allowed_length. No passage has a breaker in it, and none is continued by
/// one. https://github.com/oobabooga/text-generation-webui/pull/5677
class DontRepeatYourself : public LogitsProcessor {
 public:
  explicit DontRepeatYourself(DryOptions options) : options_(std::move(options)) {}
  void process(const ProcessedText& text, std::span<float> scores) const override;

 private:
  bool is_breaker(TokenId token) const;
  DryOptions options_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/processors/dry-inl.hpp"
#endif
