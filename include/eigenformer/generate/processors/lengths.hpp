// What a place in the text asks for: tokens that have to stand there.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/logits_processor.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// At that place of the text (the prompt counted) one of `tokens` stands, each as likely as the others, whatever the
/// model says. transformers' ForcedBOSTokenLogitsProcessor (place 1) and ForcedEOSTokenLogitsProcessor (the last one).
class ForcedTokens : public LogitsProcessor {
 public:
  ForcedTokens(std::size_t place, std::vector<TokenId> tokens) : place_(place), tokens_(std::move(tokens)) {}
  void process(const ProcessedText& text, std::span<float> scores) const override;

 private:
  std::size_t place_;
  std::vector<TokenId> tokens_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/processors/lengths-inl.hpp"
#endif
