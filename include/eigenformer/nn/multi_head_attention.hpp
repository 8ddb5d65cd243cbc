// Multi-head attention: projections, heads, the cache, and the projection back. https://arxiv.org/abs/1706.03762,
// section 3.2
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/attention_phase.hpp"
#include "eigenformer/nn/linear.hpp"
#include "eigenformer/nn/norm.hpp"
#include "eigenformer/nn/recorder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// o(concat(heads)), head = softmax(scale q k^T) v over the sequence's own cache.
struct MultiHeadAttention {
  Linear q_proj;  ///< [heads * head_dim, hidden]
  Linear k_proj;  ///< [kv_heads * head_dim, hidden]
  Linear v_proj;  ///< [kv_heads * head_dim, hidden]
  Linear o_proj;  ///< [hidden, heads * head_dim]
  AttentionOptions options;

  std::shared_ptr<const AttentionBias> bias = nullptr;  ///< on the scores
  /// Of each head of the queries and of the keys, [head_dim], before positions rotate them.
  /// https://arxiv.org/abs/2302.05442, section 2.2
  std::optional<RmsNorm> q_norm = std::nullopt, k_norm = std::nullopt;

  /// [rows, hidden] -> [rows, hidden]. Stores the rows' keys and values, then attends. `rotary` holds each row's
  /// cosines and sines (RotaryEmbedding), or nothing where positions are elsewhere.
  Value operator()(Recorder& recorder, Value x, const std::optional<Value>& rotary = std::nullopt) const;
};

/// Rotates (where `rotary` is given) the heads of `queries` and `keys` in place and writes keys and values to the
/// cache.
struct CacheWrite {
  AttentionOptions options;
  Value queries, keys, values;
  std::optional<Value> rotary;
};
void record_cache_write(Recorder& recorder, const CacheWrite& write);

/// The attention itself: queries [rows, heads * head_dim] -> [rows, heads * head_dim]; the probe "attentions.<layer>"
/// (or "cross_attentions.<layer>") shows its probabilities. `bias` may be null.
Value record_attention(Recorder& recorder, const AttentionOptions& options, Value queries,
                       const std::shared_ptr<const AttentionBias>& bias = nullptr);

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/multi_head_attention-inl.hpp"
#endif
