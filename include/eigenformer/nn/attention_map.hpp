// Attention maps for those who watch: the probabilities that a row gives to each slot. Never computed otherwise.
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/attention_phase.hpp"
#include "eigenformer/nn/recorder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// softmax(scale q k^T) of every row and head: [rows, heads * slots], slots beyond those visible are 0. `queries` are
/// [rows, heads * head_dim], rotated; keys are in the cache. `slots` is at least the longest sequence of the batch.
Value attention_map(Recorder& recorder, const AttentionOptions& options, Value queries, std::size_t slots);

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/attention_map-inl.hpp"
#endif
