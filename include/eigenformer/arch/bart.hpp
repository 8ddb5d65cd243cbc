// BART: learned positions from the third row on, a norm after the embedding, norms after the sums.
// Paper: https://arxiv.org/abs/1910.13461
// Reference: https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/bart/modeling_bart.py
// Held against transformers on tests/golden/bart.
#pragma once

#include <memory>

#include "eigenformer/arch/bart_like.hpp"
#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::bart {

inline Architecture architecture() {
  Architecture bart = bart_like::architecture("bart", {"BartForConditionalGeneration", "BartModel",
                                                       "BartForSequenceClassification", "BartForQuestionAnswering"});
  bart.make = [](const Checkpoint& checkpoint) {
    return bart_like::make<bart_like::PostNorm>(checkpoint, {.positions = bart_like::Positions::learned,
                                                             .norms_embedding = true,
                                                             .decoder_start_token_id = 2,
                                                             .num_labels = 3});
  };
  return bart;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::bart
