// Pegasus, which summarizes: positions that are computed, norms before the blocks and one after the last.
// Paper: https://arxiv.org/abs/1912.08777
// Reference:
// https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/pegasus/modeling_pegasus.py Held
// against transformers on tests/golden/pegasus.
#pragma once

#include <memory>

#include "eigenformer/arch/bart_like.hpp"
#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::arch::pegasus {

inline Architecture architecture() {
  Architecture pegasus = bart_like::architecture("pegasus", {"PegasusForConditionalGeneration", "PegasusModel"});
  pegasus.make = [](const Checkpoint& checkpoint) {
    return bart_like::make<bart_like::PreNorm>(
        checkpoint, {.positions = bart_like::Positions::sinusoidal, .pad_token_id = 0, .decoder_start_token_id = 0});
  };
  return pegasus;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::arch::pegasus
