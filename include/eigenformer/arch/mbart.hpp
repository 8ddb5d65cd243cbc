// mBART and mBART-50, translators among many languages: BART with its norms before the blocks and one after the last. A
// text ends or begins with its language's token; the target's is the decoder's first token, or the first new one
// (GenerateOptions::decoder_start_token, forced_first_tokens).
// Papers: https://arxiv.org/abs/2001.08210, https://arxiv.org/abs/2008.00401
// Reference: https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/mbart/modeling_mbart.py
// Held against transformers on tests/golden/mbart.
#pragma once

#include <memory>

#include "eigenformer/arch/bart_like.hpp"
#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::mbart {

inline Architecture architecture() {
  Architecture mbart = bart_like::architecture(
      "mbart",
      {"MBartForConditionalGeneration", "MBartModel", "MBartForSequenceClassification", "MBartForQuestionAnswering"});
  mbart.make = [](const Checkpoint& checkpoint) {
    return bart_like::make<bart_like::PreNorm>(
        checkpoint, {.positions = bart_like::Positions::learned, .norms_embedding = true, .wraps_last_token = true});
  };
  return mbart;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::mbart
