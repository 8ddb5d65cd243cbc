// Attention over the tiles of a cache (rule 4): scores with lanes across keys, values with lanes across head_dim.
//
// Queries of one task see the same keys (the heads of a group, the rows of a prefill), so a tile is taken in by up to
// 24 of them before the next one, in blocks of up to twelve: their dots with 32 keys are 24 registers. Halves are
// widened where they are used. None of that changes the order in which a query's sums grow.
#pragma once

#include "eigenformer/kernels/attention.hpp"
#include "eigenformer/kernels/avx512/float_math.hpp"

EIGENFORMER_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512 {

inline constexpr std::size_t k_attention_block = 12;
inline constexpr std::size_t k_attention_blocks = 2;  ///< that go through the tiles together

/// Up to twelve queries on their way through the tiles.
struct AttentionBlock {
  const AttentionQuery* queries;
  const float* packed;  ///< [head_dim][padded_count(count)]: the queries side by side
  std::size_t count;
  std::uint32_t visible[k_attention_block];        ///< slots of the tile at hand
  std::uint32_t begun;                             ///< bit q: has seen a key
  float maximum[16];                               ///< of the scores so far, one lane a query
  float sum[16];                                   ///< of exp(score - maximum) so far
  float correction[16];                            ///< of the tile at hand
  float chances[k_attention_block][k_tile_slots];  ///< dots, scores, then exp(score - maximum) of the tile at hand
};

template <CacheType type>
[[gnu::always_inline]] inline __m512 load_cached(const std::byte* tile, std::size_t element) {
  if constexpr (type == CacheType::f16) return load_halves(tile + 2 * element);
  return load_floats(tile + 4 * element);
}

/// For how many queries dots are computed where there are `count`: those in between have a zero beside them.
inline std::size_t padded_count(std::size_t count) {
  return count <= 4 ? count : count <= 6 ? 6 : count <= 8 ? 8 : k_attention_block;
}

/// Dots of `count` queries with the 32 keys of a tile, d ascending.
template <CacheType type, int count>
inline void dots_with_tile(const std::byte* keys, std::size_t head_dim, AttentionBlock& block) {
  __m512 low[count];
  __m512 high[count];
#pragma GCC unroll 12
  for (int q = 0; q < count; ++q) low[q] = high[q] = _mm512_setzero_ps();
  const float* packed = block.packed;
  for (std::size_t d = 0; d < head_dim; ++d) {
    const __m512 low_keys = load_cached<type>(keys, d * k_tile_slots);
    const __m512 high_keys = load_cached<type>(keys, d * k_tile_slots + 16);
#pragma GCC unroll 12
    for (int q = 0; q < count; ++q) {
      const __m512 x = _mm512_set1_ps(packed[q]);
      low[q] = _mm512_fmadd_ps(x, low_keys, low[q]);
      high[q] = _mm512_fmadd_ps(x, high_keys, high[q]);
    }
    packed += count;
  }
#pragma GCC unroll 12
  for (int q = 0; q < count; ++q) {
    _mm512_storeu_ps(block.chances[q], low[q]);
    _mm512_storeu_ps(block.chances[q] + 16, high[q]);
  }
}

template <CacheType type>
inline void dots_of_block(const std::byte* keys, std::size_t head_dim, AttentionBlock& block) {
  switch (padded_count(block.count)) {
    case 1: return dots_with_tile<type, 1>(keys, head_dim, block);
    case 2: return dots_with_tile<type, 2>(keys, head_dim, block);
    case 3: return dots_with_tile<type, 3>(keys, head_dim, block);
    case 4: return dots_with_tile<type, 4>(keys, head_dim, block);
    case 6: return dots_with_tile<type, 6>(keys, head_dim, block);
    case 8: return dots_with_tile<type, 8>(keys, head_dim, block);
    default: return dots_with_tile<type, k_attention_block>(keys, head_dim, block);
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

inline __m512 with_lane(__m512 lanes, std::size_t lane, float value) {
  return _mm512_mask_broadcastss_ps(lanes, static_cast<__mmask16>(1U << lane), _mm_set_ss(value));
}

/// Turns the dots of a query into scores and returns the largest of them and of `before`.
inline float score_tile(const AttentionTask& task, const float* bias, std::uint32_t visible, float before,
                        float* dots) {
  __m512 largest = _mm512_set1_ps(before);
#pragma GCC unroll 2
  for (std::size_t part = 0; part < 32; part += 16) {
    const auto seen = static_cast<__mmask16>(visible >> part);
    const __m512 scores = scores_of(task, bias == nullptr ? nullptr : bias + part, _mm512_loadu_ps(dots + part), seen);
    _mm512_storeu_ps(dots + part, scores);
    largest = _mm512_mask_max_ps(largest, seen, scores, largest);
  }
  return largest_lane(largest);
}

/// Turns the scores of a query into exp(score - maximum), 0 for unseen slots, and returns their sum.
inline float soften_scores(float maximum, std::uint32_t visible, float* scores) {
  const __m512 shift = _mm512_set1_ps(maximum);
  const __m512 low =
      _mm512_maskz_mov_ps(static_cast<__mmask16>(visible), exponential(_mm512_sub_ps(_mm512_loadu_ps(scores), shift)));
  const __m512 high = _mm512_maskz_mov_ps(static_cast<__mmask16>(visible >> 16U),
                                          exponential(_mm512_sub_ps(_mm512_loadu_ps(scores + 16), shift)));
  _mm512_storeu_ps(scores, low);
  _mm512_storeu_ps(scores + 16, high);
  return sum_of_lanes(_mm512_add_ps(low, high));
}

/// Turns the dots of a tile into exp(score - maximum), and takes them into maximum, correction and sum. Queries go side
/// by side through each step, so that none waits for the latencies of another; one that sees nothing has the correction
/// 1.
inline void soften_tile(const AttentionTask& task, std::size_t tile, AttentionBlock& block) {
  const __m512 before = _mm512_loadu_ps(block.maximum);
  __m512 after = before;
  __mmask16 seeing = 0;
  for (std::size_t q = 0; q < block.count; ++q) {
    if (block.visible[q] == 0) continue;
    const float* bias = block.queries[q].bias;
    if (bias != nullptr) bias += tile * k_tile_slots;
    const float largest = score_tile(task, bias, block.visible[q], block.maximum[q], block.chances[q]);
    after = with_lane(after, q, largest);
    seeing |= static_cast<__mmask16>(1U << q);
  }
  _mm512_storeu_ps(block.maximum, after);
  const __m512 correction = _mm512_mask_blend_ps(seeing, every_lane(1.0F), exponential(_mm512_sub_ps(before, after)));
  _mm512_storeu_ps(block.correction, correction);
  __m512 sums = _mm512_setzero_ps();
  for (std::size_t q = 0; q < block.count; ++q) {
    if (block.visible[q] == 0) continue;
    sums = with_lane(sums, q, soften_scores(block.maximum[q], block.visible[q], block.chances[q]));
  }
  _mm512_storeu_ps(block.sum, _mm512_fmadd_ps(_mm512_loadu_ps(block.sum), correction, sums));
  block.begun |= seeing;
}

/// output = output * correction, then fma(chance_j, value_j, output) for the j that a query sees, ascending; for
/// `count` queries from `first` on, elements d .. d + 16 * parts - 1.
template <CacheType type, int count, int parts>
inline void add_values(const std::byte* values, std::size_t d, std::size_t head_dim, std::size_t first,
                       const AttentionBlock& block) {
  __m512 sums[count][parts];
  std::uint32_t visible = 0;
#pragma GCC unroll 6
  for (std::size_t q = 0; q < count; ++q) {
    const __m512 correction = _mm512_set1_ps(block.correction[first + q]);
    visible |= block.visible[first + q];
#pragma GCC unroll 4
    for (int part = 0; part < parts; ++part) {
      sums[q][part] = _mm512_mul_ps(_mm512_loadu_ps(block.queries[first + q].output + d + 16 * part), correction);
    }
  }
  for (std::size_t j = 0; j < k_tile_slots; ++j) {
    if ((visible >> j & 1U) == 0) continue;
    __m512 value[parts];
#pragma GCC unroll 4
    for (int part = 0; part < parts; ++part) {
      value[part] = load_cached<type>(values, j * head_dim + d + 16 * static_cast<std::size_t>(part));
    }
#pragma GCC unroll 6
    for (std::size_t q = 0; q < count; ++q) {
      if (count > 1 && (block.visible[first + q] >> j & 1U) == 0) continue;
      const __m512 chance = _mm512_set1_ps(block.chances[first + q][j]);
#pragma GCC unroll 4
      for (int part = 0; part < parts; ++part) sums[q][part] = _mm512_fmadd_ps(chance, value[part], sums[q][part]);
    }
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
template <CacheType type>
inline void add_last_values(const std::byte* values, std::size_t d, std::size_t head_dim, std::size_t q,
                            const AttentionBlock& block) {
  const std::size_t count = head_dim - d;
  float* output = block.queries[q].output + d;
  __m512 sums = _mm512_mul_ps(load_first(output, count), _mm512_set1_ps(block.correction[q]));
  for (std::size_t j = 0; j < k_tile_slots; ++j) {
    if ((block.visible[q] >> j & 1U) == 0) continue;
    std::byte elements[64] = {};
    constexpr std::size_t element_bytes = cache_element_bytes(type);
    std::memcpy(elements, values + element_bytes * (j * head_dim + d), element_bytes * count);
    sums = _mm512_fmadd_ps(_mm512_set1_ps(block.chances[q][j]), load_cached<type>(elements, 0), sums);
  }
  store_first(output, count, sums);
}

/// Adds the values of a tile to `count` queries.
template <CacheType type, int count>
inline void add_tile(const std::byte* values, std::size_t head_dim, std::size_t first, const AttentionBlock& block) {
  std::size_t d = 0;
  for (; d + 64 <= head_dim; d += 64) add_values<type, count, 4>(values, d, head_dim, first, block);
  for (; d + 16 <= head_dim; d += 16) add_values<type, count, 1>(values, d, head_dim, first, block);
  if (d == head_dim) return;
  for (std::size_t q = first; q < first + count; ++q) add_last_values<type>(values, d, head_dim, q, block);
}

template <CacheType type>
inline void add_tile_to_block(const std::byte* values, std::size_t head_dim, const AttentionBlock& block) {
  std::size_t q = 0;
  for (; q + 6 <= block.count; q += 6) add_tile<type, 6>(values, head_dim, q, block);
  switch (block.count - q) {
    case 1: return add_tile<type, 1>(values, head_dim, q, block);
    case 2: return add_tile<type, 2>(values, head_dim, q, block);
    case 3: return add_tile<type, 3>(values, head_dim, q, block);
    case 4: return add_tile<type, 4>(values, head_dim, q, block);
    case 5: return add_tile<type, 5>(values, head_dim, q, block);
    default: return;
  }
}

/// One tile for one block.
template <CacheType type>
inline void take_in(const AttentionTask& task, std::size_t tile, AttentionBlock& block) {
  std::uint32_t visible = 0;
  for (std::size_t q = 0; q < block.count; ++q) {
    block.visible[q] = visible_in_tile(block.queries[q], tile);
    visible |= block.visible[q];
  }
  if (visible == 0) return;
  dots_of_block<type>(task.key_tiles[tile], task.head_dim, block);
  soften_tile(task, tile, block);
  add_tile_to_block<type>(task.value_tiles[tile], task.head_dim, block);
}

/// Lays the queries of a block side by side, and begins.
inline void begin_block(const AttentionTask& task, AttentionBlock& block, float* packed) {
  const std::size_t width = padded_count(block.count);
  for (std::size_t q = 0; q < width; ++q) {
    for (std::size_t d = 0; d < task.head_dim; ++d) {
      packed[d * width + q] = q < block.count ? block.queries[q].query[d] : 0.0F;
    }
  }
  for (std::size_t q = 0; q < block.count; ++q) {
    for (std::size_t d = 0; d < task.head_dim; ++d) block.queries[q].output[d] = 0.0F;
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

inline void attend_group(const AttentionTask& task, const AttentionQuery* queries, std::size_t count) {
  AttentionBlock blocks[k_attention_blocks];
  std::size_t first_slot = queries[0].first_slot;
  std::size_t end_slot = 0;
  for (std::size_t q = 0; q < count; ++q) {
    first_slot = queries[q].first_slot < first_slot ? queries[q].first_slot : first_slot;
    end_slot = queries[q].end_slot > end_slot ? queries[q].end_slot : end_slot;
  }
  const std::size_t block_count = (count + k_attention_block - 1) / k_attention_block;
  for (std::size_t b = 0; b < block_count; ++b) {
    const std::size_t first = b * k_attention_block;
    blocks[b].queries = queries + first;
    blocks[b].count = count - first < k_attention_block ? count - first : k_attention_block;
    begin_block(task, blocks[b], task.scratch + first * task.head_dim);
  }
  for (std::size_t tile = first_slot / k_tile_slots; tile * k_tile_slots < end_slot; ++tile) {
    for (std::size_t b = 0; b < block_count; ++b) {
      if (task.type == CacheType::f16) take_in<CacheType::f16>(task, tile, blocks[b]);
      if (task.type == CacheType::f32) take_in<CacheType::f32>(task, tile, blocks[b]);
    }
  }
  for (std::size_t q = 0; q < count; ++q) {
    const AttentionBlock& block = blocks[q / k_attention_block];
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
