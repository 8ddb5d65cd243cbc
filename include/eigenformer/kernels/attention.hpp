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

/// What the elements of a tile are where kernels read them: a type of the cache, or its codes widened to floats.
enum class TileElements : std::uint8_t { f32, f16, codes, wide_codes };

constexpr bool has_scales(TileElements elements) {
  return elements == TileElements::codes || elements == TileElements::wide_codes;
}
constexpr std::size_t element_bytes(TileElements elements) {
  return elements == TileElements::f16 ? 2 : elements == TileElements::codes ? 1 : 4;
}

/// Keys and values of 32 slots, as they lie in the cache or widened, and the scales of codes: [blocks][32].
struct AttentionTile {
  const std::byte* keys;
  const std::byte* values;
  const float* key_scales;
  const float* value_scales;
};

inline AttentionTile attention_tile(const AttentionTask& task, std::size_t tile) {
  const std::byte* keys = task.key_tiles[tile];
  const std::byte* values = task.value_tiles[tile];
  const std::size_t scales = task.type == CacheType::int8 ? cache_scale_at(task.head_dim, 0, 0) : 0;
  return {keys, values, reinterpret_cast<const float*>(keys + scales), reinterpret_cast<const float*>(values + scales)};
}

namespace scalar {

/// One query's softmax as it grows: the maximum and the sum of exp(score - maximum) of the keys seen so far.
struct OnlineSoftmax {
  float maximum = k_minus_infinity;
  float sum = 0.0F;
};

/// Of int8: the code.
inline float load_element(CacheType type, const std::byte* tile, std::size_t element) {
  switch (type) {
    case CacheType::f32: return load<float>(tile + 4 * element);
    case CacheType::f16: return load_half(tile + 2 * element);
    case CacheType::int8: break;
  }
  return static_cast<float>(load<std::int8_t>(tile + element));
}

/// A slot of a tile of keys.
struct CachedKey {
  CacheType type;
  const std::byte* tile;
  std::size_t slot;  ///< 0 .. 31
  std::size_t head_dim;
};

/// fma(query[d], key[d], dot) over first .. end - 1, from +0.
inline float dot_of_part(const CachedKey& key, const float* query, std::size_t first, std::size_t end) {
  float dot = 0.0F;
  for (std::size_t d = first; d < end; ++d) {
    dot = fused_multiply_add(query[d], load_element(key.type, key.tile, d * k_tile_slots + key.slot), dot);
  }
  return dot;
}

/// q k: one chain over d; int8: one for each block of 32, times its scale, block after block.
inline float dot_with_key(const CachedKey& key, const float* query) {
  if (key.type != CacheType::int8) return dot_of_part(key, query, 0, key.head_dim);
  float dot = 0.0F;
  for (std::size_t index = 0; index < cache_scales(key.type, key.head_dim); ++index) {
    const CacheBlockPlace block = cache_block_place(key.head_dim, index);
    const float scale = load<float>(key.tile + cache_scale_at(key.head_dim, index, key.slot));
    dot = fused_multiply_add(dot_of_part(key, query, block.first, block.first + block.count), scale, dot);
  }
  return dot;
}

/// What the elements of value `slot` are multiplied with in the block of element d: the chance; int8: times the scale.
inline float value_weight(const AttentionTask& task, const std::byte* tile, std::size_t slot, std::size_t d,
                          float chance) {
  if (task.type != CacheType::int8) return chance;
  return chance * load<float>(tile + cache_scale_at(task.head_dim, d / quant::k_block, slot));
}

/// softcap tanh(scale q k / softcap) + bias of one slot of a tile.
inline float attention_score(const AttentionTask& task, const AttentionQuery& query, std::size_t tile,
                             std::size_t slot) {
  float score = dot_with_key({task.type, task.key_tiles[tile], slot, task.head_dim}, query.query) * task.scale;
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
      output = fused_multiply_add(value_weight(task, task.value_tiles[tile], j, d, chances[j]), value, output);
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
