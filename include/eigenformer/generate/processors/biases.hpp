// Additions to the scores of named tokens; minus infinity bans them.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/logits_processor.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// Sums the biases of all sequences that a token would complete, and adds the sum. Of two with the same ids the later
/// one counts. transformers' SequenceBiasLogitsProcessor.
class SequenceBias : public LogitsProcessor {
 public:
  explicit SequenceBias(std::vector<TokenBias> sequences);
  void process(const ProcessedText& text, std::span<float> scores) const override;

 private:
  std::vector<TokenBias> sequences_;  // in the order in which transformers adds them
};

/// These tokens never come. transformers' SuppressTokensLogitsProcessor.
class SuppressTokens : public LogitsProcessor {
 public:
  explicit SuppressTokens(std::vector<TokenId> tokens) : tokens_(std::move(tokens)) {}
  void process(const ProcessedText& text, std::span<float> scores) const override;

 private:
  std::vector<TokenId> tokens_;
};

/// Tokens that began a banned text do not come again at their place (ProcessedText::banned_tokens).
class NoBannedTokens : public LogitsProcessor {
 public:
  void process(const ProcessedText& text, std::span<float> scores) const override;
};

/// These tokens never stand at that place of the text, the prompt counted. transformers'
/// SuppressTokensAtBeginLogitsProcessor.
class SuppressTokensAtPlace : public LogitsProcessor {
 public:
  SuppressTokensAtPlace(std::size_t place, std::vector<TokenId> tokens) : place_(place), tokens_(std::move(tokens)) {}
  void process(const ProcessedText& text, std::span<float> scores) const override;

 private:
  std::size_t place_;
  std::vector<TokenId> tokens_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/processors/biases-inl.hpp"
#endif
