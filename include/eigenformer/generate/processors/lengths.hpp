// What the length of the text asks for: tokens that have to stand at a place, and when end tokens may come.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
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

/// No end token before the text has `length` tokens, the prompt's included. transformers' MinLengthLogitsProcessor and
/// MinNewTokensLengthLogitsProcessor.
class MinLength : public LogitsProcessor {
 public:
  MinLength(std::size_t length, std::vector<TokenId> end_tokens) : length_(length), ends_(std::move(end_tokens)) {}
  void process(const ProcessedText& text, std::span<float> scores) const override;

 private:
  std::size_t length_;
  std::vector<TokenId> ends_;
};

/// score += |score| * (factor^n - 1) for end tokens, where n > 0 tokens stand behind the first `start` new ones.
/// transformers' ExponentialDecayLengthPenalty.
class ExponentialDecay : public LogitsProcessor {
 public:
  ExponentialDecay(const DecayingLength& decay, std::vector<TokenId> end_tokens)
      : decay_(decay), ends_(std::move(end_tokens)) {}
  void process(const ProcessedText& text, std::span<float> scores) const override;

 private:
  DecayingLength decay_;
  std::vector<TokenId> ends_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/processors/lengths-inl.hpp"
#endif
