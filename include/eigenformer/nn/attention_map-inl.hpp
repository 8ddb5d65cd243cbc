#pragma once

#include <algorithm>

#include "eigenformer/kernels/attention.hpp"
#include "eigenformer/nn/attention_map.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

namespace attention_map_detail {

struct MapRow {
  const Step& step;
  const AttentionOptions& options;
  const AttentionBias* bias;  // may be null
  const KvCache& cache;
  BiasPlace place;

  bool sees(std::size_t slot) const noexcept {
    if (slot < place.visible.first || slot >= place.visible.end) return false;
    const std::uint32_t* words = visible_words(options, step, place.row);
    return words == nullptr || (words[slot / kernels::k_tile_slots] >> (slot % kernels::k_tile_slots) & 1U) != 0;
  }

  float score(const float* query, std::size_t slot) const noexcept {
    const CacheHead head{options.cache_layer, place.head / (options.heads / options.kv_heads)};
    const kernels::scalar::CachedKey key{cache.layout().type, cache.key_tile(slot / kernels::k_tile_slots, head),
                                         slot % kernels::k_tile_slots, options.head_dim};
    float score = kernels::scalar::dot_with_key(key, query) * options.scale;
    if (options.softcap == 0.0F) return score;
    score /= options.softcap;
    step.kernels().activate(kernels::Activation::tanh, &score, 1);
    return score * options.softcap;
  }
};

/// Probabilities of one head: `map` [slots] is zero where a slot is not visible.
inline void fill(const MapRow& row, const float* query, float* map, std::size_t slots) noexcept {
  if (row.bias != nullptr) row.bias->fill(row.step, row.place, map);
  std::size_t count = 0;  // the visible scores side by side, never beyond the slot they belong to
  for (std::size_t slot = row.place.visible.first; slot < row.place.visible.end; ++slot) {
    if (!row.sees(slot)) continue;
    const float bias = row.bias != nullptr ? map[slot] : 0.0F;
    map[count++] = row.score(query, slot) + bias;
  }
  row.step.kernels().softmax(map, count);
  for (std::size_t slot = slots; slot-- > 0;) map[slot] = row.sees(slot) ? map[--count] : 0.0F;
}

}  // namespace attention_map_detail

EIGENFORMER_INLINE Value attention_map(Recorder& recorder, const AttentionOptions& options, Value queries,
                                       const std::shared_ptr<const AttentionBias>& bias) {
  const bool is_cross = options.visibility == Visibility::source;
  const std::size_t slots = is_cross ? recorder.watched_source_slots() : recorder.watched_slots();
  std::vector<Value> inputs = bias ? bias->inputs() : std::vector<Value>{};
  inputs.insert(inputs.begin(), queries);
  return recorder.rows(
      RowSet::all, inputs, static_cast<std::uint32_t>(options.heads * slots), [=](Value maps) -> RowBody {
        return [=](const Step& step, std::size_t index) {
          const auto row = static_cast<std::uint32_t>(index);
          const auto run = std::find_if(step.runs().begin(), step.runs().end(), [row](const RowRun& candidate) {
            return row >= candidate.first_row && row < candidate.first_row + candidate.row_count;
          });
          const BatchSequence& sequence = step.batch().sequences[run->sequence];
          const KvCache& cache = is_cross ? *sequence.source : *sequence.cache;
          for (std::size_t head = 0; head < options.heads; ++head) {
            const BiasPlace place{*run, row, head, visible_slots(options, step, *run, row)};
            attention_map_detail::fill({step, options, bias.get(), cache, place},
                                       step.row(queries, index) + head * options.head_dim,
                                       step.row(maps, index) + head * slots, slots);
          }
        };
      });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
