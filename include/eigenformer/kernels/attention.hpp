// Attention of single query rows over the tiles of a cache: the scalar truth (rule 4).
//
// softmax(q k^T) v without ever holding all scores, by M. Milakov, N. Gimelshein, "Online normalizer calculation for
// softmax" (https://arxiv.org/abs/1805.02867), a tile of 32 slots at a time. Tiles lie at absolute places, so a row's
// result depends on its own keys alone.
#pragma once

#include <limits>

#include "eigenformer/kernels/float_math.hpp"
#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/kernels/panel_access.hpp"
#include "eigenformer/kernels/row_reduction.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

inline constexpr float k_minus_infinity = -std::numeric_limits<float>::infinity();

/// Bit j: the query may see slot 32 tile + j. Reads no word of visible_slots beyond first_slot .. end_slot.
inline std::uint32_t visible_in_tile(const AttentionQuery& query, std::size_t tile) {
  const std::size_t first = tile * k_tile_slots;
  if (query.end_slot <= first || query.first_slot >= first + k_tile_slots) return 0;
  std::uint32_t mask = query.visible_slots == nullptr ? ~std::uint32_t{0} : query.visible_slots[tile];
  if (query.first_slot > first) mask &= ~std::uint32_t{0} << (query.first_slot - first);
  if (query.end_slot < first + k_tile_slots) mask &= ~(~std::uint32_t{0} << (query.end_slot - first));
  return mask;
}

namespace scalar {

/// One query's softmax as it grows: the maximum and the sum of exp(score - maximum) of the keys seen so far.
struct OnlineSoftmax {
  float maximum = k_minus_infinity;
  float sum = 0.0F;
};

inline float load_element(CacheType type, const std::byte* tile, std::size_t element) {
  return type == CacheType::f32 ? load<float>(tile + 4 * element) : load_half(tile + 2 * element);
}

/// softcap tanh(scale q k / softcap) + bias of one slot of a tile; d ascending.
inline float attention_score(const AttentionTask& task, const AttentionQuery& query, std::size_t tile,
                             std::size_t slot) {
  float dot = 0.0F;
  for (std::size_t d = 0; d < task.head_dim; ++d) {
    const float key = load_element(task.type, task.key_tiles[tile], d * k_tile_slots + slot);
    dot = fused_multiply_add(query.query[d], key, dot);
  }
  float score = dot * task.scale;
  if (task.softcap != 0.0F) score = task.softcap * hyperbolic_tangent(score / task.softcap);
  if (query.bias != nullptr) score += query.bias[tile * k_tile_slots + slot];
  return score;
}

/// Takes in one tile, of which `visible` slots may be seen (at least one).
inline void attend_to_tile(const AttentionTask& task, const AttentionQuery& query, std::size_t tile,
                           std::uint32_t visible, OnlineSoftmax& state) {
  float scores[k_tile_slots] = {};
  float maximum = state.maximum;
  for (std::size_t j = 0; j < k_tile_slots; ++j) {
    if ((visible >> j & 1U) == 0) continue;
    scores[j] = attention_score(task, query, tile, j);
    maximum = scores[j] > maximum ? scores[j] : maximum;
  }
  const float correction = exponential(state.maximum - maximum);  // exp(-infinity) = 0 at the first tile
  float chances[k_tile_slots] = {};
  RowSum sum;
  for (std::size_t j = 0; j < k_tile_slots; ++j) {
    if ((visible >> j & 1U) != 0) chances[j] = exponential(scores[j] - maximum);
    sum.add(j, chances[j]);
  }
  state.maximum = maximum;
  state.sum = fused_multiply_add(state.sum, correction, sum.total());
  for (std::size_t d = 0; d < task.head_dim; ++d) {
    float output = query.output[d] * correction;
    for (std::size_t j = 0; j < k_tile_slots; ++j) {
      if ((visible >> j & 1U) == 0) continue;  // what an unseen slot holds may be anything, also NaN
      const float value = load_element(task.type, task.value_tiles[tile], j * task.head_dim + d);
      output = fused_multiply_add(chances[j], value, output);
    }
    query.output[d] = output;
  }
}

inline void attend(const AttentionTask& task) noexcept {
  for (std::size_t i = 0; i < task.query_count; ++i) {
    const AttentionQuery& query = task.queries[i];
    for (std::size_t d = 0; d < task.head_dim; ++d) query.output[d] = 0.0F;
    OnlineSoftmax state;
    bool sees_something = false;
    const std::size_t end_tile = (std::size_t{query.end_slot} + k_tile_slots - 1) / k_tile_slots;
    for (std::size_t tile = query.first_slot / k_tile_slots; tile < end_tile; ++tile) {
      const std::uint32_t visible = visible_in_tile(query, tile);
      if (visible == 0) continue;
      attend_to_tile(task, query, tile, visible, state);
      sees_something = true;
    }
    if (!sees_something) continue;
    for (std::size_t d = 0; d < task.head_dim; ++d) query.output[d] /= state.sum;
  }
}

}  // namespace scalar
}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels
