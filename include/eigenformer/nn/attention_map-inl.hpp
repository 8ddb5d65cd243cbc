#pragma once

#include <algorithm>

#include "eigenformer/core/fused_multiply_add.hpp"
#include "eigenformer/core/half.hpp"
#include "eigenformer/nn/attention_map.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

namespace attention_map_detail {

/// Element d of the key in a slot, out of its [head_dim][32] tile.
inline float key_element(const KvCache& cache, CacheHead head, std::size_t slot, std::size_t d) noexcept {
  const std::byte* tile = cache.key_tile(slot / kernels::k_tile_slots, head);
  const std::size_t index = d * kernels::k_tile_slots + slot % kernels::k_tile_slots;
  if (cache.layout().type == CacheType::f32) return reinterpret_cast<const float*>(tile)[index];
  return float_from_half(reinterpret_cast<const std::uint16_t*>(tile)[index]);
}

struct MapRow {
  const KvCache& cache;
  const AttentionOptions& options;
  VisibleSlots visible;
};

/// Probabilities of one head: `map` [slots] is zero outside of the visible slots.
inline void fill(const kernels::KernelTable& kernels, const MapRow& row, std::size_t head, const float* query,
                 float* map) noexcept {
  const CacheHead cache_head{row.options.layer, head / (row.options.heads / row.options.kv_heads)};
  for (std::uint32_t slot = row.visible.first; slot < row.visible.end; ++slot) {
    float dot = 0.0F;
    for (std::size_t d = 0; d < row.options.head_dim; ++d) {
      dot = fused_multiply_add(query[d], key_element(row.cache, cache_head, slot, d), dot);
    }
    map[slot] = dot * row.options.scale;
  }
  if (row.options.softcap != 0.0F) {
    const std::size_t count = row.visible.end - row.visible.first;
    float* scores = map + row.visible.first;
    for (std::size_t index = 0; index < count; ++index) scores[index] /= row.options.softcap;
    kernels.activate(kernels::Activation::tanh, scores, count);
    for (std::size_t index = 0; index < count; ++index) scores[index] *= row.options.softcap;
  }
  kernels.softmax(map + row.visible.first, row.visible.end - row.visible.first);
}

}  // namespace attention_map_detail

EIGENFORMER_INLINE Value attention_map(Recorder& recorder, const AttentionOptions& options, Value queries,
                                       std::size_t slots) {
  const auto width = static_cast<std::uint32_t>(options.heads * slots);
  return recorder.rows(RowSet::all, {queries}, width, [=](Value maps) -> RowBody {
    return [=](const Step& step, std::size_t index) {
      const auto row = static_cast<std::uint32_t>(index);
      float* out = step.row(maps, index);
      std::fill(out, out + maps.width, 0.0F);
      const auto run = std::find_if(step.runs().begin(), step.runs().end(), [row](const RowRun& candidate) {
        return row >= candidate.first_row && row < candidate.first_row + candidate.row_count;
      });
      const BatchSequence& sequence = step.batch().sequences[run->sequence];
      const KvCache& cache = options.visibility == Visibility::source ? *sequence.source : *sequence.cache;
      const attention_map_detail::MapRow map_row{cache, options, visible_slots(options, step, *run, row)};
      for (std::size_t head = 0; head < options.heads; ++head) {
        attention_map_detail::fill(step.kernels(), map_row, head, step.row(queries, index) + head * options.head_dim,
                                   out + head * slots);
      }
    };
  });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
