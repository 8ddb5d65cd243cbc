// Attention maps for those who watch: the probabilities that a row gives to each slot. Never computed otherwise.
#pragma once

#include <memory>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/attention_phase.hpp"
#include "eigenformer/nn/recorder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// softmax(scale q k^T + bias) of every row and head: [rows, heads * slots], slots that are not visible are 0.
/// `queries` are [rows, heads * head_dim], rotated; keys are in the cache. `bias` may be null.
Value attention_map(Recorder& recorder, const AttentionOptions& options, Value queries,
                    const std::shared_ptr<const AttentionBias>& bias);

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/attention_map-inl.hpp"
#endif
