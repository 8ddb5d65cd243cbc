// Additions to the scores of named tokens; minus infinity bans them.
#pragma once

#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/logits_processor.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// `ids` of at least one token, and what is added to the score of the last one where the text ends with the others.
struct BiasedSequence {
  std::vector<TokenId> ids;
  float bias = 0;
};

/// Sums the biases of all sequences that a token would complete, and adds the sum. Of two with the same ids the later
/// one counts. transformers' SequenceBiasLogitsProcessor.
class SequenceBias : public LogitsProcessor {
 public:
  explicit SequenceBias(std::vector<BiasedSequence> sequences);
  void process(const ProcessedText& text, std::span<float> scores) const override;

 private:
  std::vector<BiasedSequence> sequences_;  // in the order in which transformers adds them
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/processors/biases-inl.hpp"
#endif
