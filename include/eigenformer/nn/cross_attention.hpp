// Cross-attention: a decoder's rows attend to an encoder's sequence. https://arxiv.org/abs/1706.03762, section 3.2.3
//
// The encoder's keys and values are computed once for each source (ProgramRole::source_keys) and kept in
// BatchSequence::source; every decoder step reads them from there.
#pragma once

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/multi_head_attention.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// o(concat(heads)), head = softmax(scale q k^T) v: q of the decoder's rows, k and v of the encoder's.
struct CrossAttention {
  Linear q_proj;             ///< [heads * head_dim, hidden]
  Linear k_proj;             ///< [kv_heads * head_dim, source_hidden]
  Linear v_proj;             ///< [kv_heads * head_dim, source_hidden]
  Linear o_proj;             ///< [hidden, heads * head_dim]
  AttentionOptions options;  ///< with Visibility::source; `layer` is the layer of the source's cache

  /// The decoder's side: [rows, hidden] -> [rows, hidden].
  Value operator()(Recorder& recorder, Value x) const {
    return o_proj(recorder, record_attention(recorder, options, q_proj(recorder, x)));  // [rows, hidden]
  }

  /// The encoder's side: writes the keys and values of its last hidden states [rows, source_hidden] to the cache that
  /// is the batch's `cache` then and the decoder's `source` later.
  void store_source(Recorder& recorder, Value encoded) const {
    const Value keys = k_proj(recorder, encoded);    // [rows, kv_heads * head_dim]
    const Value values = v_proj(recorder, encoded);  // [rows, kv_heads * head_dim]
    record_cache_write(recorder, {options, keys, keys, values, std::nullopt});
  }
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
