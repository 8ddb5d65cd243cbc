// Penalties for tokens that are there already.
#pragma once

#include <span>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/logits_processor.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// Tokens of the prompt or the text: score < 0 ? score * penalty : score / penalty, once for each token.
/// https://arxiv.org/abs/1909.05858, section 4.1; transformers' RepetitionPenaltyLogitsProcessor.
class RepetitionPenalty : public LogitsProcessor {
 public:
  explicit RepetitionPenalty(float penalty) : penalty_(penalty) {}
  void process(const ProcessedText& text, std::span<float> scores) const override;

 private:
  float penalty_;
};

/// The other way round for the tokens of the source (of a decoder: of the prompt): above 1 they become likelier.
/// transformers' EncoderRepetitionPenaltyLogitsProcessor.
class SourceRepetitionPenalty : public LogitsProcessor {
 public:
  /// `penalty`: in f64, for its inverse is taken in f64.
  explicit SourceRepetitionPenalty(double penalty) : inverse_(static_cast<float>(1 / penalty)) {}
  void process(const ProcessedText& text, std::span<float> scores) const override;

 private:
  float inverse_;
};

/// Tokens that were chosen already: score -= presence + count * frequency.
/// https://platform.openai.com/docs/api-reference/chat/create (presence_penalty, frequency_penalty)
class CountPenalty : public LogitsProcessor {
 public:
  struct Options {
    double presence = 0;
    double frequency = 0;
  };
  explicit CountPenalty(const Options& options) : options_(options) {}
  void process(const ProcessedText& text, std::span<float> scores) const override;

 private:
  Options options_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/processors/penalties-inl.hpp"
#endif
