#pragma once

#include "eigenformer/nn/attention_map.hpp"
#include "eigenformer/nn/multi_head_attention.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

namespace multi_head_attention_detail {

inline void rotate_heads(const Step& step, const CacheWrite& write, Value heads, std::size_t row) {
  const std::size_t half = write.rotary->width / 2;
  const float* cosines = step.row(*write.rotary, row);
  for (std::size_t first = 0; first < heads.width; first += write.options.head_dim) {
    step.kernels().rotate({step.row(heads, row) + first, cosines, cosines + half, 2 * half});
  }
}

inline void store(const Step& step, const CacheWrite& write, std::size_t index) {
  const Row& row = step.batch().rows[index];
  if (!row.stores_keys) return;
  const KvCache& cache = *step.batch().sequences[row.sequence].cache;
  const std::size_t tile = row.slot / kernels::k_tile_slots;
  for (std::size_t head = 0; head < write.options.kv_heads; ++head) {
    const CacheHead place{write.options.cache_layer, head};
    const std::size_t first = head * write.options.head_dim;
    step.kernels().store_in_cache({.type = cache.layout().type,
                                   .key = step.row(write.keys, index) + first,
                                   .value = step.row(write.values, index) + first,
                                   .key_tile = cache.key_tile(tile, place),
                                   .value_tile = cache.value_tile(tile, place),
                                   .slot = row.slot % kernels::k_tile_slots,
                                   .head_dim = write.options.head_dim});
  }
}

}  // namespace multi_head_attention_detail

EIGENFORMER_INLINE void record_cache_write(Recorder& recorder, const CacheWrite& write) {
  const Value angles = write.rotary.value_or(write.queries);
  recorder.each_row(RowSet::all, {write.queries, write.keys, write.values, angles},
                    [write](const Step& step, std::size_t row) {
                      if (write.rotary) {
                        multi_head_attention_detail::rotate_heads(step, write, write.queries, row);
                        multi_head_attention_detail::rotate_heads(step, write, write.keys, row);
                      }
                      multi_head_attention_detail::store(step, write, row);
                    });
}

EIGENFORMER_INLINE Value record_attention(Recorder& recorder, const AttentionOptions& options, Value queries,
                                          const std::shared_ptr<const AttentionBias>& bias) {
  const std::string name = options.visibility == Visibility::source ? "cross_attentions." : "attentions.";
  const auto width = static_cast<std::uint32_t>(options.heads * options.head_dim);
  std::vector<Value> inputs = bias ? bias->inputs() : std::vector<Value>{};
  inputs.insert(inputs.begin(), queries);
  const Value heads = recorder.phase(inputs, width, [&](Value output) {
    return std::make_unique<const AttentionPhase>(options, queries, output, bias);
  });  // [rows, heads * head_dim]
  if (recorder.keeps(name + std::to_string(options.layer))) {
    recorder.probe(name + std::to_string(options.layer), attention_map(recorder, options, queries, bias));
  }
  return heads;
}

EIGENFORMER_INLINE Value MultiHeadAttention::operator()(Recorder& recorder, Value x,
                                                        const std::optional<Value>& rotary) const {
  Value queries = q_proj(recorder, x);       // [rows, heads * head_dim]
  Value keys = k_proj(recorder, x);          // [rows, kv_heads * head_dim]
  const Value values = v_proj(recorder, x);  // [rows, kv_heads * head_dim]
  if (q_norm) queries = (*q_norm)(recorder, queries);
  if (k_norm) keys = (*k_norm)(recorder, keys);
  record_cache_write(recorder, {options, queries, keys, values, rotary});
  return o_proj(recorder, record_attention(recorder, options, queries, bias));  // [rows, hidden]
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
