// M2M100 and NLLB, translators among a hundred and more languages: positions that are computed and skip padding, norms
// before the blocks. The target language is the first new token (GenerateOptions::forced_first_tokens).
// Papers: https://arxiv.org/abs/2010.11125, https://arxiv.org/abs/2207.04672
// Reference:
// https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/m2m_100/modeling_m2m_100.py Held
// against transformers on tests/golden/m2m_100.
#pragma once

#include <memory>

#include "eigenformer/arch/bart_like.hpp"
#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::m2m_100 {

inline Architecture architecture() {
  Architecture m2m = bart_like::architecture("m2m_100", {"M2M100ForConditionalGeneration", "M2M100Model"});
  for (const char* buffer : {"model.encoder.embed_positions.weights", "model.decoder.embed_positions.weights"}) {
    m2m.ignorable_tensors.push_back(buffer);
  }
  m2m.make = [](const Checkpoint& checkpoint) {
    return bart_like::make<bart_like::PreNorm>(checkpoint, {.positions = bart_like::Positions::sinusoidal_after_padding,
                                                            .vocab_size = 128112,
                                                            .activation_function = "relu",
                                                            .scale_embedding = true,
                                                            .decoder_start_token_id = 2,
                                                            .has_logits_bias = false});
  };
  return m2m;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::m2m_100
