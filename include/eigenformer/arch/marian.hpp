// Marian, the translators of OPUS-MT: positions that are computed, scaled embeddings, norms after the sums, and for
// some pairs of languages a vocabulary for each side. The decoder begins with the padding token, which it never says.
// Papers: https://arxiv.org/abs/1804.00344, https://aclanthology.org/2020.eamt-1.61
// Reference: https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/marian/modeling_marian.py
// Held against transformers on tests/golden/marian.
#pragma once

#include <memory>

#include "eigenformer/arch/bart_like.hpp"
#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::marian {

inline Architecture architecture() {
  Architecture marian = bart_like::architecture("marian", {"MarianMTModel", "MarianModel"});
  marian.make = [](const Checkpoint& checkpoint) {
    return bart_like::make<bart_like::PostNorm>(checkpoint, {.positions = bart_like::Positions::sinusoidal,
                                                             .vocab_size = 58101,
                                                             .pad_token_id = 58100,
                                                             .decoder_start_token_id = 58100});
  };
  return marian;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::marian
