// Attention over the tiles of a cache (rule 4): scores with lanes across keys, values with lanes across head_dim.
//
// Queries of one task see the same keys (the heads of a group, the rows of a prefill), so a tile is taken in by up to
// 24 of them before the next one, three at a time in registers. A tile of halves or codes is widened once when more
// than three queries want it, else on the fly. None of that changes the order in which a query's sums grow.
#pragma once

#include "eigenformer/kernels/attention.hpp"
#include "eigenformer/kernels/avx2/float_math.hpp"

EIGENFORMER_TARGET_BEGIN("avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2 {

inline constexpr std::size_t k_attention_group = 24;

/// A query on its way through the tiles.
struct AttentionState {
  float maximum;
  float sum;
  float correction;             ///< of the tile at hand
  std::uint32_t visible;        ///< slots of the tile at hand
  bool begun;                   ///< has seen a key
  float chances[k_tile_slots];  ///< scores, then exp(score - maximum) of the tile at hand
};

template <TileElements elements>
[[gnu::always_inline]] inline __m256 load_cached(const std::byte* tile, std::size_t element) {
  if constexpr (elements == TileElements::f16) return load_halves(tile + 2 * element);
  if constexpr (elements == TileElements::codes) return load_codes(tile + element);
  return load_floats(tile + 4 * element);
}

/// Dots of `count` queries with elements first .. end - 1 of the 32 keys of a tile, from +0, d ascending.
template <TileElements elements, int count>
[[gnu::always_inline]] inline void dots_of_part(const std::byte* keys, std::size_t first, std::size_t end,
                                                const AttentionQuery* const* queries, __m256 (&dots)[count][4]) {
#pragma GCC unroll 3
  for (int q = 0; q < count; ++q) {
#pragma GCC unroll 4
    for (int part = 0; part < 4; ++part) dots[q][part] = _mm256_setzero_ps();
  }
  for (std::size_t d = first; d < end; ++d) {
#pragma GCC unroll 4
    for (int part = 0; part < 4; ++part) {
      const __m256 key = load_cached<elements>(keys, d * k_tile_slots + 8 * static_cast<std::size_t>(part));
#pragma GCC unroll 3
      for (int q = 0; q < count; ++q) {
        dots[q][part] = _mm256_fmadd_ps(_mm256_broadcast_ss(queries[q]->query + d), key, dots[q][part]);
      }
    }
  }
}

/// Dots of `count` queries with the 32 keys of a tile; those of codes block by block, each times its scale.
template <TileElements elements, int count>
inline void dots_with_tile(const AttentionTile& at, std::size_t head_dim, const AttentionQuery* const* queries,
                           AttentionState* const* states) {
  __m256 dots[count][4];
  if constexpr (!has_scales(elements)) {
    dots_of_part<elements, count>(at.keys, 0, head_dim, queries, dots);
#pragma GCC unroll 3
    for (int q = 0; q < count; ++q) {
#pragma GCC unroll 4
      for (int part = 0; part < 4; ++part) _mm256_storeu_ps(states[q]->chances + 8 * part, dots[q][part]);
    }
    return;
  }
  for (std::size_t first = 0; first < head_dim; first += quant::k_block) {
    const std::size_t end = first + quant::k_block < head_dim ? first + quant::k_block : head_dim;
    dots_of_part<elements, count>(at.keys, first, end, queries, dots);
    const float* scales = at.key_scales + first / quant::k_block * k_tile_slots;
#pragma GCC unroll 3
    for (int q = 0; q < count; ++q) {
#pragma GCC unroll 4
      for (int part = 0; part < 4; ++part) {
        float* sum = states[q]->chances + 8 * part;
        const __m256 before = first == 0 ? _mm256_setzero_ps() : _mm256_loadu_ps(sum);
        _mm256_storeu_ps(sum, _mm256_fmadd_ps(dots[q][part], _mm256_loadu_ps(scales + 8 * part), before));
      }
    }
  }
}

/// Dots to scores (0 .. 7 and so on of a tile): scale, softcap, bias; -infinity where nothing may be seen.
inline __m256 scores_of(const AttentionTask& task, const float* bias, __m256 dots, __m256 seen) {
  __m256 scores = _mm256_mul_ps(dots, _mm256_set1_ps(task.scale));
  if (task.softcap != 0.0F) {
    const __m256 cap = _mm256_set1_ps(task.softcap);
    scores = _mm256_mul_ps(cap, hyperbolic_tangent(_mm256_div_ps(scores, cap)));
  }
  if (bias != nullptr) scores = _mm256_add_ps(scores, _mm256_maskload_ps(bias, _mm256_castps_si256(seen)));
  return _mm256_blendv_ps(every_lane(k_minus_infinity), scores, seen);
}

/// Turns the dots of a tile into exp(score - maximum), and takes them into maximum, correction and sum.
inline void soften_tile(const AttentionTask& task, const AttentionQuery& query, std::size_t tile,
                        AttentionState& state) {
  __m256 seen[4];
  __m256 scores[4];
  __m256 largest = _mm256_set1_ps(state.maximum);
#pragma GCC unroll 4
  for (int part = 0; part < 4; ++part) {
    const float* bias = query.bias == nullptr ? nullptr : query.bias + tile * k_tile_slots + 8 * part;
    seen[part] = lanes_of_bits(state.visible >> (8 * part));
    scores[part] = scores_of(task, bias, _mm256_loadu_ps(state.chances + 8 * part), seen[part]);
    largest = _mm256_max_ps(scores[part], largest);
  }
  const float maximum = largest_lane(largest);
  const __m256 shift = _mm256_set1_ps(maximum);
#pragma GCC unroll 4
  for (int part = 0; part < 4; ++part) {
    scores[part] = _mm256_and_ps(exponential(_mm256_sub_ps(scores[part], shift)), seen[part]);
    _mm256_storeu_ps(state.chances + 8 * part, scores[part]);
  }
  const float sum = sum_of_lanes(_mm256_add_ps(scores[0], scores[2]), _mm256_add_ps(scores[1], scores[3]));
  state.correction = exponential_of_one(state.maximum - maximum);
  state.sum = _mm_cvtss_f32(_mm_fmadd_ss(_mm_set_ss(state.sum), _mm_set_ss(state.correction), _mm_set_ss(sum)));
  state.maximum = maximum;
}

/// What the values of a tile are multiplied with in the block of element d: the chances, those of codes times the
/// scales.
template <TileElements elements>
[[gnu::always_inline]] inline const float* weights_of(const AttentionTile& at, std::size_t d,
                                                      const AttentionState& state, float (&memory)[k_tile_slots]) {
  if constexpr (!has_scales(elements)) return state.chances;
  const float* scales = at.value_scales + d / quant::k_block * k_tile_slots;
  for (int j = 0; j < 32; j += 8) {
    _mm256_storeu_ps(memory + j, _mm256_mul_ps(_mm256_loadu_ps(state.chances + j), _mm256_loadu_ps(scales + j)));
  }
  return memory;
}

/// output = output * correction, then fma(weight_j, value_j, output) for visible j ascending; d .. d + 8 * parts - 1.
template <TileElements elements, int count, int parts>
[[gnu::always_inline]] inline void add_values(const AttentionTile& at, std::size_t head_dim, std::size_t d,
                                              const AttentionQuery* const* queries, AttentionState* const* states) {
  float memory[count][k_tile_slots];
  const float* weights[count];
  __m256 sums[count][parts];
#pragma GCC unroll 3
  for (int q = 0; q < count; ++q) {
    weights[q] = weights_of<elements>(at, d, *states[q], memory[q]);
    const __m256 correction = _mm256_set1_ps(states[q]->correction);
#pragma GCC unroll 4
    for (int part = 0; part < parts; ++part) {
      sums[q][part] = _mm256_mul_ps(_mm256_loadu_ps(queries[q]->output + d + 8 * part), correction);
    }
  }
  for (std::size_t j = 0; j < k_tile_slots; ++j) {
    if ((states[0]->visible >> j & 1U) == 0) continue;
#pragma GCC unroll 4
    for (int part = 0; part < parts; ++part) {
      const __m256 value = load_cached<elements>(at.values, j * head_dim + d + 8 * static_cast<std::size_t>(part));
#pragma GCC unroll 3
      for (int q = 0; q < count; ++q) {
        sums[q][part] = _mm256_fmadd_ps(_mm256_broadcast_ss(weights[q] + j), value, sums[q][part]);
      }
    }
  }
#pragma GCC unroll 3
  for (int q = 0; q < count; ++q) {
#pragma GCC unroll 4
    for (int part = 0; part < parts; ++part) _mm256_storeu_ps(queries[q]->output + d + 8 * part, sums[q][part]);
  }
}

/// The last head_dim % 8 elements of one query.
template <TileElements elements>
inline void add_last_values(const AttentionTile& at, std::size_t head_dim, std::size_t d, const AttentionQuery& query,
                            const AttentionState& state) {
  float memory[k_tile_slots];
  const float* weights = weights_of<elements>(at, d, state, memory);
  const std::size_t count = head_dim - d;
  __m256 sums = _mm256_mul_ps(load_first(query.output + d, count), _mm256_set1_ps(state.correction));
  for (std::size_t j = 0; j < k_tile_slots; ++j) {
    if ((state.visible >> j & 1U) == 0) continue;
    std::byte last[32] = {};
    constexpr std::size_t bytes = element_bytes(elements);
    std::memcpy(last, at.values + bytes * (j * head_dim + d), bytes * count);
    sums = _mm256_fmadd_ps(_mm256_set1_ps(weights[j]), load_cached<elements>(last, 0), sums);
  }
  store_first(query.output + d, count, sums);
}

/// Adds the values of a tile to `count` queries that see the same slots of it.
template <TileElements elements, int count>
inline void add_tile(const AttentionTile& at, std::size_t head_dim, const AttentionQuery* const* queries,
                     AttentionState* const* states) {
  std::size_t d = 0;
  for (; d + 32 <= head_dim; d += 32) add_values<elements, count, 4>(at, head_dim, d, queries, states);
  for (; d + 8 <= head_dim; d += 8) add_values<elements, count, 1>(at, head_dim, d, queries, states);
  if (d == head_dim) return;
  for (int q = 0; q < count; ++q) add_last_values<elements>(at, head_dim, d, *queries[q], *states[q]);
}

template <TileElements elements, int count>
inline void take_in(const AttentionTask& task, const AttentionTile& at, std::size_t tile,
                    const AttentionQuery* const* queries, AttentionState* const* states) {
  dots_with_tile<elements, count>(at, task.head_dim, queries, states);
  for (int q = 0; q < count; ++q) soften_tile(task, *queries[q], tile, *states[q]);
  bool alike = true;
  for (int q = 1; q < count; ++q) alike = alike && states[q]->visible == states[0]->visible;
  if (alike) return add_tile<elements, count>(at, task.head_dim, queries, states);
  for (int q = 0; q < count; ++q) add_tile<elements, 1>(at, task.head_dim, queries + q, states + q);
}

template <TileElements elements>
inline void take_in_all(const AttentionTask& task, const AttentionTile& at, std::size_t tile, std::size_t count,
                        const AttentionQuery* const* queries, AttentionState* const* states) {
  std::size_t q = 0;
  for (; q + 3 <= count; q += 3) take_in<elements, 3>(task, at, tile, queries + q, states + q);
  if (count - q == 2) take_in<elements, 2>(task, at, tile, queries + q, states + q);
  if (count - q == 1) take_in<elements, 1>(task, at, tile, queries + q, states + q);
}

template <TileElements elements>
inline void widen_elements(const std::byte* tile, float* floats, std::size_t count) {
  for (std::size_t i = 0; i < count; i += 8) _mm256_storeu_ps(floats + i, load_cached<elements>(tile, i));
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

/// One tile, for those queries of a group that see something of it.
inline void attend_to_tile(const AttentionTask& task, std::size_t tile, const AttentionQuery* queries,
                           std::size_t count, AttentionState* states) {
  const AttentionQuery* seeing[k_attention_group];
  AttentionState* seeing_states[k_attention_group];
  std::size_t seeing_count = 0;
  for (std::size_t q = 0; q < count; ++q) {
    states[q].visible = visible_in_tile(queries[q], tile);
    if (states[q].visible == 0) continue;
    states[q].begun = true;
    seeing[seeing_count] = queries + q;
    seeing_states[seeing_count] = states + q;
    ++seeing_count;
  }
  if (seeing_count == 0) return;
  const bool widens = task.type != CacheType::f32 && seeing_count > 3;
  const AttentionTile at = widens ? widened(task, attention_tile(task, tile)) : attention_tile(task, tile);
  auto* take = take_in_all<TileElements::f32>;
  if (task.type == CacheType::f16 && !widens) take = take_in_all<TileElements::f16>;
  if (task.type == CacheType::int8) take = take_in_all<TileElements::codes>;
  if (task.type == CacheType::int8 && widens) take = take_in_all<TileElements::wide_codes>;
  take(task, at, tile, seeing_count, seeing, seeing_states);
}

/// output = output / sum.
inline void finish_query(const AttentionTask& task, const AttentionQuery& query, float sum) {
  const __m256 divisor = _mm256_set1_ps(sum);
  for (std::size_t d = 0; d < task.head_dim; d += 8) {
    const std::size_t count = task.head_dim - d < 8 ? task.head_dim - d : 8;
    store_first(query.output + d, count, _mm256_div_ps(load_first(query.output + d, count), divisor));
  }
}

inline void attend_group(const AttentionTask& task, const AttentionQuery* queries, std::size_t count) {
  AttentionState states[k_attention_group];
  std::size_t first_slot = queries[0].first_slot;
  std::size_t end_slot = 0;
  for (std::size_t q = 0; q < count; ++q) {
    states[q].maximum = k_minus_infinity;
    states[q].sum = 0.0F;
    states[q].begun = false;
    first_slot = queries[q].first_slot < first_slot ? queries[q].first_slot : first_slot;
    end_slot = queries[q].end_slot > end_slot ? queries[q].end_slot : end_slot;
    for (std::size_t d = 0; d < task.head_dim; ++d) queries[q].output[d] = 0.0F;
  }
  for (std::size_t tile = first_slot / k_tile_slots; tile * k_tile_slots < end_slot; ++tile) {
    attend_to_tile(task, tile, queries, count, states);
  }
  for (std::size_t q = 0; q < count; ++q) {
    if (states[q].begun) finish_query(task, queries[q], states[q].sum);
  }
}

inline void attend(const AttentionTask& task) noexcept {
  for (std::size_t q = 0; q < task.query_count; q += k_attention_group) {
    const std::size_t left = task.query_count - q;
    attend_group(task, task.queries + q, left < k_attention_group ? left : k_attention_group);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2
EIGENFORMER_TARGET_END
