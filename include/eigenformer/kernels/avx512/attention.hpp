// Attention over the tiles of a cache (rule 4): scores with lanes across keys, values with lanes across head_dim.
//
// Queries of one task see the same keys (the heads of a group, the rows of a prefill), so a tile is taken in by up to
// 24 of them before the next one, in blocks of up to twelve: their dots with 32 keys are 24 registers. Many queries
// widen a tile of halves or codes once; few widen it where they use it, and take in several tiles together, so that the
// steps from dots to chances, which wait for one another, run side by side. None of that changes the order in which a
// query's sums grow.
#pragma once

#include "eigenformer/kernels/attention.hpp"
#include "eigenformer/kernels/avx512/float_math.hpp"
#include "eigenformer/kernels/avx512/row_trees.hpp"

EIGENFORMER_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512 {

inline constexpr std::size_t k_attention_block = 12;
inline constexpr std::size_t k_attention_blocks = 2;  ///< that go through the tiles together
inline constexpr std::size_t k_few_queries = 6;       ///< up to so many read tiles as they lie in the cache

/// Tiles that a block takes in together, and their places.
struct TileStrip {
  std::size_t count;
  AttentionTile tiles[k_attention_block];
  std::size_t places[k_attention_block];
};

/// Up to twelve queries on their way through the tiles. Pair t * count + q is query q and tile t of the strip at hand;
/// there are twelve at most.
struct AttentionBlock {
  const AttentionQuery* queries;
  const float* packed;  ///< [head_dim][padded_count(count)]: the queries side by side
  std::size_t count;
  std::uint32_t begun;                             ///< bit q: has seen a key
  float maximum[16];                               ///< of the scores so far, one lane a query
  float sum[16];                                   ///< of exp(score - maximum) so far
  std::uint32_t visible[k_attention_block];        ///< of each pair
  float correction[32];                            ///< of each pair
  float chances[k_attention_block][k_tile_slots];  ///< of each pair: dots, scores, then exp(score - maximum)
};

template <TileElements elements>
[[gnu::always_inline]] inline __m512 load_cached(const std::byte* tile, std::size_t element) {
  if constexpr (elements == TileElements::f16) return load_halves(tile + 2 * element);
  if constexpr (elements == TileElements::codes) return load_codes(tile + element);
  return load_floats(tile + 4 * element);
}

/// For how many queries dots are computed where there are `count`: those in between have a zero beside them.
inline std::size_t padded_count(std::size_t count) {
  return count <= 4 ? count : count <= 6 ? 6 : count <= 8 ? 8 : k_attention_block;
}

/// Dots of `count` queries with elements first .. end - 1 of the 32 keys of a tile, from +0, d ascending.
template <TileElements elements, int count>
[[gnu::always_inline]] inline void dots_of_part(const std::byte* keys, std::size_t first, std::size_t end,
                                                const float* packed, __m512 (&low)[count], __m512 (&high)[count]) {
#pragma GCC unroll 12
  for (int q = 0; q < count; ++q) low[q] = high[q] = _mm512_setzero_ps();
  packed += first * count;
  for (std::size_t d = first; d < end; ++d) {
    const __m512 low_keys = load_cached<elements>(keys, d * k_tile_slots);
    const __m512 high_keys = load_cached<elements>(keys, d * k_tile_slots + 16);
#pragma GCC unroll 12
    for (int q = 0; q < count; ++q) {
      const __m512 x = _mm512_set1_ps(packed[q]);
      low[q] = _mm512_fmadd_ps(x, low_keys, low[q]);
      high[q] = _mm512_fmadd_ps(x, high_keys, high[q]);
    }
    packed += count;
  }
}

/// Dots of `count` queries with the 32 keys of a tile; those of codes block by block, each times its scale.
template <TileElements elements, int count>
inline void dots_with_tile(const AttentionTile& at, std::size_t head_dim, const float* packed,
                           float (*dots)[k_tile_slots]) {
  __m512 low[count];
  __m512 high[count];
  if constexpr (!has_scales(elements)) {
    dots_of_part<elements, count>(at.keys, 0, head_dim, packed, low, high);
#pragma GCC unroll 12
    for (int q = 0; q < count; ++q) {
      _mm512_storeu_ps(dots[q], low[q]);
      _mm512_storeu_ps(dots[q] + 16, high[q]);
    }
    return;
  }
  for (std::size_t first = 0; first < head_dim; first += quant::k_block) {
    const std::size_t end = first + quant::k_block < head_dim ? first + quant::k_block : head_dim;
    dots_of_part<elements, count>(at.keys, first, end, packed, low, high);
    const float* scales = at.key_scales + first / quant::k_block * k_tile_slots;
    const __m512 low_scales = _mm512_loadu_ps(scales);
    const __m512 high_scales = _mm512_loadu_ps(scales + 16);
    const __mmask16 begun = first_lanes(first == 0 ? 0 : 16);
#pragma GCC unroll 12
    for (int q = 0; q < count; ++q) {
      const __m512 low_before = _mm512_maskz_loadu_ps(begun, dots[q]);
      const __m512 high_before = _mm512_maskz_loadu_ps(begun, dots[q] + 16);
      _mm512_storeu_ps(dots[q], _mm512_fmadd_ps(low[q], low_scales, low_before));
      _mm512_storeu_ps(dots[q] + 16, _mm512_fmadd_ps(high[q], high_scales, high_before));
    }
  }
}

template <TileElements elements>
inline void dots_of_block(const AttentionTile& at, std::size_t head_dim, const AttentionBlock& block,
                          float (*dots)[k_tile_slots]) {
  switch (padded_count(block.count)) {
    case 1: return dots_with_tile<elements, 1>(at, head_dim, block.packed, dots);
    case 2: return dots_with_tile<elements, 2>(at, head_dim, block.packed, dots);
    case 3: return dots_with_tile<elements, 3>(at, head_dim, block.packed, dots);
    case 4: return dots_with_tile<elements, 4>(at, head_dim, block.packed, dots);
    case 6: return dots_with_tile<elements, 6>(at, head_dim, block.packed, dots);
    case 8: return dots_with_tile<elements, 8>(at, head_dim, block.packed, dots);
    default: return dots_with_tile<elements, k_attention_block>(at, head_dim, block.packed, dots);
  }
}

/// Dots of 16 slots to scores: scale, softcap, bias.
inline __m512 scores_of(const AttentionTask& task, const float* bias, __m512 dots, __mmask16 seen) {
  __m512 scores = _mm512_mul_ps(dots, _mm512_set1_ps(task.scale));
  if (task.softcap != 0.0F) {
    const __m512 cap = _mm512_set1_ps(task.softcap);
    scores = _mm512_mul_ps(cap, hyperbolic_tangent(_mm512_div_ps(scores, cap)));
  }
  if (bias != nullptr) scores = _mm512_add_ps(scores, _mm512_maskz_loadu_ps(seen, bias));
  return scores;
}

/// Turns the dots of a pair into scores and returns the largest of both halves; minus infinity for unseen slots.
inline __m512 score_pair(const AttentionTask& task, const float* bias, std::uint32_t visible, float* dots) {
  const auto seen_low = static_cast<__mmask16>(visible);
  const auto seen_high = static_cast<__mmask16>(visible >> 16U);
  const __m512 low = scores_of(task, bias, _mm512_loadu_ps(dots), seen_low);
  const __m512 high = scores_of(task, bias == nullptr ? nullptr : bias + 16, _mm512_loadu_ps(dots + 16), seen_high);
  _mm512_storeu_ps(dots, low);
  _mm512_storeu_ps(dots + 16, high);
  const __m512 seen = _mm512_mask_blend_ps(seen_low, every_lane(k_minus_infinity), low);
  return _mm512_mask_max_ps(seen, seen_high, high, seen);
}

/// Turns the scores of a pair into exp(score - maximum), 0 for unseen slots, and returns the sums of both halves.
inline __m512 soften_pair(float maximum, std::uint32_t visible, float* scores) {
  const __m512 shift = _mm512_set1_ps(maximum);
  const __m512 low =
      _mm512_maskz_mov_ps(static_cast<__mmask16>(visible), exponential(_mm512_sub_ps(_mm512_loadu_ps(scores), shift)));
  const __m512 high = _mm512_maskz_mov_ps(static_cast<__mmask16>(visible >> 16U),
                                          exponential(_mm512_sub_ps(_mm512_loadu_ps(scores + 16), shift)));
  _mm512_storeu_ps(scores, low);
  _mm512_storeu_ps(scores + 16, high);
  return _mm512_add_ps(low, high);
}

/// The largest score of each pair, a lane each; minus infinity where a pair sees nothing. Dots become scores.
inline __m512 largest_scores(const AttentionTask& task, const TileStrip& strip, AttentionBlock& block) {
  __m512 rows[16];
  for (__m512& row : rows) row = every_lane(k_minus_infinity);
  for (std::size_t t = 0, pair = 0; t < strip.count; ++t) {
    for (std::size_t q = 0; q < block.count; ++q, ++pair) {
      if (block.visible[pair] == 0) continue;
      const float* bias = block.queries[q].bias;
      if (bias != nullptr) bias += strip.places[t] * k_tile_slots;
      rows[pair] = score_pair(task, bias, block.visible[pair], block.chances[pair]);
    }
  }
  return tree_of_rows<Larger>(rows);
}

/// Turns the dots of a strip into exp(score - maximum), and takes them into maximum, correction and sum. A pair that
/// sees nothing has the correction 1.
inline void soften(const AttentionTask& task, const TileStrip& strip, AttentionBlock& block) {
  const std::size_t pairs = strip.count * block.count;
  float largest[32] = {}, before[32], after[32], sums[32] = {};  // a lane a pair, and a register's room behind them
  _mm512_storeu_ps(largest, largest_scores(task, strip, block));
  __m512 maximum = _mm512_loadu_ps(block.maximum);
  for (std::size_t pair = 0; pair < pairs; pair += block.count) {
    _mm512_storeu_ps(before + pair, maximum);
    maximum = _mm512_max_ps(_mm512_loadu_ps(largest + pair), maximum);
    _mm512_storeu_ps(after + pair, maximum);
  }
  _mm512_storeu_ps(block.maximum, maximum);
  __m512 rows[16];
  for (__m512& row : rows) row = _mm512_setzero_ps();
  __mmask16 seeing = 0;
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    if (block.visible[pair] == 0) continue;
    rows[pair] = soften_pair(after[pair], block.visible[pair], block.chances[pair]);
    seeing |= static_cast<__mmask16>(1U << pair);
    block.begun |= 1U << (pair % block.count);
  }
  const __m512 correction = exponential(_mm512_sub_ps(_mm512_loadu_ps(before), _mm512_loadu_ps(after)));
  _mm512_storeu_ps(block.correction, _mm512_mask_blend_ps(seeing, every_lane(1.0F), correction));
  _mm512_storeu_ps(sums, tree_of_rows<Sum>(rows));
  __m512 sum = _mm512_loadu_ps(block.sum);
  for (std::size_t pair = 0; pair < pairs; pair += block.count) {
    sum = _mm512_fmadd_ps(sum, _mm512_loadu_ps(block.correction + pair), _mm512_loadu_ps(sums + pair));
  }
  _mm512_storeu_ps(block.sum, sum);
}

/// What values are multiplied with in the blocks from element d on: the chances of a pair; those of codes times the
/// scales, in `memory`.
template <TileElements elements, int blocks>
[[gnu::always_inline]] inline const float* weights_of(const AttentionTile& at, std::size_t d, const float* chances,
                                                      float (&memory)[blocks][k_tile_slots]) {
  if constexpr (!has_scales(elements)) return chances;
  const float* scales = at.value_scales + d / quant::k_block * k_tile_slots;
#pragma GCC unroll 2
  for (int block = 0; block < blocks; ++block) {
#pragma GCC unroll 2
    for (int j = 0; j < 32; j += 16) {
      const __m512 scale = _mm512_loadu_ps(scales + 32 * block + j);
      _mm512_storeu_ps(memory[block] + j, _mm512_mul_ps(_mm512_loadu_ps(chances + j), scale));
    }
  }
  return memory[0];
}

/// sums = sums * correction, then fma(weight_j, value_j, sums) for the j that a query sees, ascending; for `count`
/// queries from `pair` on, elements d .. d + 16 * parts - 1.
template <TileElements elements, int count, int parts>
[[gnu::always_inline]] inline void add_values(const AttentionTile& at, std::size_t d, std::size_t head_dim,
                                              const AttentionBlock& block, std::size_t pair,
                                              __m512 (&sums)[count][parts]) {
  constexpr int k_blocks = has_scales(elements) && parts > 2 ? parts / 2 : 1;
  float memory[count][k_blocks][k_tile_slots];
  const float* weights[count];
  std::uint32_t visible = 0;
  bool alike = true;
#pragma GCC unroll 6
  for (std::size_t q = 0; q < count; ++q) {
    weights[q] = weights_of<elements>(at, d, block.chances[pair + q], memory[q]);
    visible |= block.visible[pair + q];
    alike = alike && block.visible[pair + q] == block.visible[pair];
    const __m512 correction = _mm512_set1_ps(block.correction[pair + q]);
#pragma GCC unroll 4
    for (int part = 0; part < parts; ++part) sums[q][part] = _mm512_mul_ps(sums[q][part], correction);
  }
  for (std::size_t j = 0; j < k_tile_slots; ++j) {
    if ((visible >> j & 1U) == 0) continue;
    __m512 value[parts];
#pragma GCC unroll 4
    for (int part = 0; part < parts; ++part) {
      value[part] = load_cached<elements>(at.values, j * head_dim + d + 16 * static_cast<std::size_t>(part));
    }
#pragma GCC unroll 6
    for (std::size_t q = 0; q < count; ++q) {
      if (!alike && (block.visible[pair + q] >> j & 1U) == 0) continue;
#pragma GCC unroll 4
      for (int part = 0; part < parts; ++part) {
        const std::size_t block_of_part = k_blocks > 1 ? static_cast<std::size_t>(part) / 2 : 0;
        const __m512 weight = _mm512_set1_ps(weights[q][block_of_part * k_tile_slots + j]);
        sums[q][part] = _mm512_fmadd_ps(weight, value[part], sums[q][part]);
      }
    }
  }
}

/// Adds elements d .. d + 16 * parts - 1 of the values of a strip to `count` queries from `first` on.
template <TileElements elements, int count, int parts>
inline void add_strip(const TileStrip& strip, std::size_t d, std::size_t head_dim, std::size_t first,
                      const AttentionBlock& block) {
  __m512 sums[count][parts];
#pragma GCC unroll 6
  for (std::size_t q = 0; q < count; ++q) {
#pragma GCC unroll 4
    for (int part = 0; part < parts; ++part) {
      sums[q][part] = _mm512_loadu_ps(block.queries[first + q].output + d + 16 * part);
    }
  }
  for (std::size_t t = 0; t < strip.count; ++t) {
    add_values<elements, count, parts>(strip.tiles[t], d, head_dim, block, t * block.count + first, sums);
  }
#pragma GCC unroll 6
  for (std::size_t q = 0; q < count; ++q) {
#pragma GCC unroll 4
    for (int part = 0; part < parts; ++part) {
      _mm512_storeu_ps(block.queries[first + q].output + d + 16 * part, sums[q][part]);
    }
  }
}

/// The last head_dim % 16 elements of one query.
template <TileElements elements>
inline void add_last_values(const TileStrip& strip, std::size_t d, std::size_t head_dim, std::size_t q,
                            const AttentionBlock& block) {
  constexpr std::size_t k_bytes = element_bytes(elements);
  const std::size_t count = head_dim - d;
  float* output = block.queries[q].output + d;
  __m512 sums = load_first(output, count);
  for (std::size_t t = 0; t < strip.count; ++t) {
    const std::size_t pair = t * block.count + q;
    float memory[1][k_tile_slots];
    const float* weights = weights_of<elements>(strip.tiles[t], d, block.chances[pair], memory);
    sums = _mm512_mul_ps(sums, _mm512_set1_ps(block.correction[pair]));
    for (std::size_t j = 0; j < k_tile_slots; ++j) {
      if ((block.visible[pair] >> j & 1U) == 0) continue;
      std::byte last[64] = {};
      std::memcpy(last, strip.tiles[t].values + k_bytes * (j * head_dim + d), k_bytes * count);
      sums = _mm512_fmadd_ps(_mm512_set1_ps(weights[j]), load_cached<elements>(last, 0), sums);
    }
  }
  store_first(output, count, sums);
}

/// Adds the values of a strip to `count` queries.
template <TileElements elements, int count>
inline void add_to_queries(const TileStrip& strip, std::size_t head_dim, std::size_t first,
                           const AttentionBlock& block) {
  std::size_t d = 0;
  for (; d + 64 <= head_dim; d += 64) add_strip<elements, count, 4>(strip, d, head_dim, first, block);
  for (; d + 32 <= head_dim; d += 32) add_strip<elements, count, 2>(strip, d, head_dim, first, block);
  for (; d + 16 <= head_dim; d += 16) add_strip<elements, count, 1>(strip, d, head_dim, first, block);
  if (d == head_dim) return;
  for (std::size_t q = first; q < first + count; ++q) add_last_values<elements>(strip, d, head_dim, q, block);
}

template <TileElements elements>
inline void add_to_block(const TileStrip& strip, std::size_t head_dim, const AttentionBlock& block) {
  std::size_t q = 0;
  for (; q + 6 <= block.count; q += 6) add_to_queries<elements, 6>(strip, head_dim, q, block);
  switch (block.count - q) {
    case 1: return add_to_queries<elements, 1>(strip, head_dim, q, block);
    case 2: return add_to_queries<elements, 2>(strip, head_dim, q, block);
    case 3: return add_to_queries<elements, 3>(strip, head_dim, q, block);
    case 4: return add_to_queries<elements, 4>(strip, head_dim, q, block);
    case 5: return add_to_queries<elements, 5>(strip, head_dim, q, block);
    default: return;
  }
}

/// A strip for one block.
template <TileElements elements>
inline void take_in(const AttentionTask& task, const TileStrip& strip, AttentionBlock& block) {
  std::uint32_t visible = 0;
  for (std::size_t pair = 0; pair < strip.count * block.count; ++pair) visible |= block.visible[pair];
  if (visible == 0) return;
  for (std::size_t t = 0; t < strip.count; ++t) {
    dots_of_block<elements>(strip.tiles[t], task.head_dim, block, block.chances + t * block.count);
  }
  soften(task, strip, block);
  add_to_block<elements>(strip, task.head_dim, block);
}

template <TileElements elements>
inline void widen_elements(const std::byte* tile, float* floats, std::size_t count) {
  for (std::size_t i = 0; i < count; i += 16) _mm512_storeu_ps(floats + i, load_cached<elements>(tile, i));
}

/// The same tile with its elements, or codes, as floats in the scratch.
inline AttentionTile widened(const AttentionTask& task, AttentionTile at) {
  const std::size_t count = k_tile_slots * task.head_dim;
  const auto widen =
      task.type == CacheType::f16 ? widen_elements<TileElements::f16> : widen_elements<TileElements::codes>;
  widen(at.keys, task.scratch, count);
  widen(at.values, task.scratch + count, count);
  at.keys = reinterpret_cast<const std::byte*>(task.scratch);
  at.values = reinterpret_cast<const std::byte*>(task.scratch + count);
  return at;
}

/// Lays the queries of a block side by side, and begins.
inline void begin_block(const AttentionTask& task, AttentionBlock& block, float* packed) {
  const std::size_t width = padded_count(block.count);
  for (std::size_t q = 0; q < block.count; ++q) {
    const float* query = block.queries[q].query;
    for (std::size_t d = 0; d < task.head_dim; ++d) packed[d * width + q] = query[d];
    for (std::size_t d = 0; d < task.head_dim; ++d) block.queries[q].output[d] = 0.0F;
  }
  for (std::size_t q = block.count; q < width; ++q) {
    for (std::size_t d = 0; d < task.head_dim; ++d) packed[d * width + q] = 0.0F;
  }
  _mm512_storeu_ps(block.maximum, every_lane(k_minus_infinity));
  _mm512_storeu_ps(block.sum, _mm512_setzero_ps());
  block.packed = packed;
  block.begun = 0;
}

/// output = output / sum.
inline void finish_query(const AttentionTask& task, const AttentionQuery& query, float sum) {
  const __m512 divisor = _mm512_set1_ps(sum);
  for (std::size_t d = 0; d < task.head_dim; d += 16) {
    const std::size_t count = task.head_dim - d < 16 ? task.head_dim - d : 16;
    store_first(query.output + d, count, _mm512_div_ps(load_first(query.output + d, count), divisor));
  }
}

/// Up to 24 queries, and the tiles that some of them may see.
struct AttentionGroup {
  AttentionBlock blocks[k_attention_blocks];
  std::size_t block_count;
  std::size_t first_tile, end_tile;
};

inline void begin_group(const AttentionTask& task, const AttentionQuery* queries, std::size_t count,
                        AttentionGroup& group) {
  std::size_t first_slot = queries[0].first_slot;
  std::size_t end_slot = 0;
  for (std::size_t q = 0; q < count; ++q) {
    first_slot = queries[q].first_slot < first_slot ? queries[q].first_slot : first_slot;
    end_slot = queries[q].end_slot > end_slot ? queries[q].end_slot : end_slot;
  }
  group.first_tile = first_slot / k_tile_slots;
  group.end_tile = (end_slot + k_tile_slots - 1) / k_tile_slots;
  group.block_count = (count + k_attention_block - 1) / k_attention_block;
  float* packed = task.scratch + 2 * k_tile_slots * task.head_dim;
  for (std::size_t b = 0; b < group.block_count; ++b) {
    const std::size_t first = b * k_attention_block;
    group.blocks[b].queries = queries + first;
    group.blocks[b].count = count - first < k_attention_block ? count - first : k_attention_block;
    begin_block(task, group.blocks[b], packed + first * task.head_dim);
  }
}

/// What the queries see of a tile that would be number t of the strip; whether any sees something.
inline bool look_at(std::size_t tile, std::size_t t, AttentionGroup& group) {
  std::uint32_t visible = 0;
  for (std::size_t b = 0; b < group.block_count; ++b) {
    AttentionBlock& block = group.blocks[b];
    for (std::size_t q = 0; q < block.count; ++q) {
      block.visible[t * block.count + q] = visible_in_tile(block.queries[q], tile);
      visible |= block.visible[t * block.count + q];
    }
  }
  return visible != 0;
}

inline void attend_group(const AttentionTask& task, const AttentionQuery* queries, std::size_t count) {
  const bool few = count <= k_few_queries;
  auto* take = take_in<TileElements::f32>;
  if (task.type == CacheType::f16 && few) take = take_in<TileElements::f16>;
  if (task.type == CacheType::int8) take = few ? take_in<TileElements::codes> : take_in<TileElements::wide_codes>;
  const std::size_t strip_size = few ? k_attention_block / padded_count(count) : 1;
  AttentionGroup group;
  begin_group(task, queries, count, group);
  TileStrip strip;
  strip.count = 0;
  for (std::size_t tile = group.first_tile; tile < group.end_tile; ++tile) {
    if (look_at(tile, strip.count, group)) {
      const AttentionTile at = attention_tile(task, tile);
      strip.tiles[strip.count] = few || task.type == CacheType::f32 ? at : widened(task, at);
      strip.places[strip.count++] = tile;
    }
    if (strip.count < strip_size && (tile + 1 < group.end_tile || strip.count == 0)) continue;
    for (std::size_t b = 0; b < group.block_count; ++b) take(task, strip, group.blocks[b]);
    strip.count = 0;
  }
  for (std::size_t q = 0; q < count; ++q) {
    const AttentionBlock& block = group.blocks[q / k_attention_block];
    const std::size_t lane = q % k_attention_block;
    if ((block.begun >> lane & 1U) != 0) finish_query(task, queries[q], block.sum[lane]);
  }
}

inline void attend(const AttentionTask& task) noexcept {
  constexpr std::size_t group = k_attention_blocks * k_attention_block;
  for (std::size_t q = 0; q < task.query_count; q += group) {
    const std::size_t left = task.query_count - q;
    attend_group(task, task.queries + q, left < group ? left : group);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512
EIGENFORMER_TARGET_END
