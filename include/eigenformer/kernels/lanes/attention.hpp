// Attention over the tiles of a cache (rule 4): scores with lanes across keys, values with lanes across head_dim (text
// for target regions, as lanes/float_math.hpp says).
//
// Queries of one task see the same keys (the heads of a group, the rows of a prefill), so a tile is taken in by up to
// 24 of them before the next one, three at a time in registers. A tile of halves or codes is widened once when more
// than three queries want it, else on the fly. None of that changes the order in which a query's sums grow.

inline constexpr std::size_t k_attention_group = 24;
inline constexpr std::size_t k_tile_parts = k_tile_slots / k_lanes;  ///< registers of one float a slot

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
[[gnu::always_inline]] inline Lanes load_cached(const std::byte* tile, std::size_t element) {
  if constexpr (elements == TileElements::f16) return load_halves(tile + 2 * element);
  if constexpr (elements == TileElements::codes) return load_codes(tile + element);
  return load_floats(tile + 4 * element);
}

/// Dots of `count` queries with elements first .. end - 1 of the 32 keys of a tile, from +0, d ascending.
template <TileElements elements, int count>
[[gnu::always_inline]] inline void dots_of_part(const std::byte* keys, std::size_t first, std::size_t end,
                                                const AttentionQuery* const* queries,
                                                Lanes (&dots)[count][k_tile_parts]) {
#pragma GCC unroll 3
  for (int q = 0; q < count; ++q) {
#pragma GCC unroll 8
    for (std::size_t part = 0; part < k_tile_parts; ++part) dots[q][part] = every_lane(0.0F);
  }
  for (std::size_t d = first; d < end; ++d) {
    Lanes x[count];
#pragma GCC unroll 3
    for (int q = 0; q < count; ++q) x[q] = every_lane(queries[q]->query[d]);
#pragma GCC unroll 8
    for (std::size_t part = 0; part < k_tile_parts; ++part) {
      const Lanes key = load_cached<elements>(keys, d * k_tile_slots + k_lanes * part);
#pragma GCC unroll 3
      for (int q = 0; q < count; ++q) dots[q][part] = fused_multiply_add(x[q], key, dots[q][part]);
    }
  }
}

/// Dots of `count` queries with the 32 keys of a tile; those of codes block by block, each times its scale.
template <TileElements elements, int count>
inline void dots_with_tile(const AttentionTile& at, std::size_t head_dim, const AttentionQuery* const* queries,
                           AttentionState* const* states) {
  Lanes dots[count][k_tile_parts];
  if constexpr (!has_scales(elements)) {
    dots_of_part<elements, count>(at.keys, 0, head_dim, queries, dots);
#pragma GCC unroll 3
    for (int q = 0; q < count; ++q) {
#pragma GCC unroll 8
      for (std::size_t part = 0; part < k_tile_parts; ++part) store(states[q]->chances + k_lanes * part, dots[q][part]);
    }
    return;
  }
  for (std::size_t first = 0; first < head_dim; first += quant::k_block) {
    const std::size_t end = first + quant::k_block < head_dim ? first + quant::k_block : head_dim;
    dots_of_part<elements, count>(at.keys, first, end, queries, dots);
    const float* scales = at.key_scales + first / quant::k_block * k_tile_slots;
#pragma GCC unroll 3
    for (int q = 0; q < count; ++q) {
#pragma GCC unroll 8
      for (std::size_t part = 0; part < k_tile_parts; ++part) {
        float* sum = states[q]->chances + k_lanes * part;
        const Lanes before = first == 0 ? every_lane(0.0F) : load(sum);
        store(sum, fused_multiply_add(dots[q][part], load(scales + k_lanes * part), before));
      }
    }
  }
}

/// Dots of k_lanes slots to scores: scale, softcap, bias; -infinity where nothing may be seen. `visible` has a bit for
/// each of them.
inline Lanes scores_of(const AttentionTask& task, const float* bias, Lanes dots, std::uint32_t visible) {
  Lanes scores = dots * every_lane(task.scale);
  if (task.softcap != 0.0F) {
    const Lanes cap = every_lane(task.softcap);
    scores = cap * hyperbolic_tangent(scores / cap);
  }
  if (bias != nullptr) scores = scores + load_where(visible, bias);
  return select(lanes_of_bits(visible), scores, every_lane(k_minus_infinity));
}

/// Turns the dots of a tile into exp(score - maximum), and takes them into maximum, correction and sum.
inline void soften_tile(const AttentionTask& task, const AttentionQuery& query, std::size_t tile,
                        AttentionState& state) {
  Lanes scores[k_tile_parts];
  Lanes largest = every_lane(state.maximum);
#pragma GCC unroll 8
  for (std::size_t part = 0; part < k_tile_parts; ++part) {
    const float* bias = query.bias == nullptr ? nullptr : query.bias + tile * k_tile_slots + k_lanes * part;
    scores[part] = scores_of(task, bias, load(state.chances + k_lanes * part), state.visible >> (k_lanes * part));
    largest = larger(scores[part], largest);
  }
  const float maximum = largest_lane(largest);
  const Lanes shift = every_lane(maximum);
  Lanes sums[k_parts] = {};
#pragma GCC unroll 8
  for (std::size_t part = 0; part < k_tile_parts; ++part) {
    const Lanes chances =
        keep_where(lanes_of_bits(state.visible >> (k_lanes * part)), exponential(scores[part] - shift));
    store(state.chances + k_lanes * part, chances);
    sums[part % k_parts] = sums[part % k_parts] + chances;
  }
  state.correction = exponential_of_one(state.maximum - maximum);
  const Lanes sum = every_lane(sum_of_lanes(sums));
  state.sum = first_lane(fused_multiply_add(every_lane(state.sum), every_lane(state.correction), sum));
  state.maximum = maximum;
}

/// What the values of a tile are multiplied with in the block of element d: the chances, those of codes times the
/// scales.
template <TileElements elements>
[[gnu::always_inline]] inline const float* weights_of(const AttentionTile& at, std::size_t d,
                                                      const AttentionState& state, float (&memory)[k_tile_slots]) {
  if constexpr (!has_scales(elements)) return state.chances;
  const float* scales = at.value_scales + d / quant::k_block * k_tile_slots;
  for (std::size_t j = 0; j < k_tile_slots; j += k_lanes) store(memory + j, load(state.chances + j) * load(scales + j));
  return memory;
}

/// output = output * correction, then fma(weight_j, value_j, output) for visible j ascending; d .. d +
/// k_lanes parts - 1.
template <TileElements elements, int count, std::size_t parts>
[[gnu::always_inline]] inline void add_values(const AttentionTile& at, std::size_t head_dim, std::size_t d,
                                              const AttentionQuery* const* queries, AttentionState* const* states) {
  float memory[count][k_tile_slots];
  const float* weights[count];
  Lanes sums[count][parts];
#pragma GCC unroll 3
  for (int q = 0; q < count; ++q) {
    weights[q] = weights_of<elements>(at, d, *states[q], memory[q]);
    const Lanes correction = every_lane(states[q]->correction);
#pragma GCC unroll 8
    for (std::size_t part = 0; part < parts; ++part) {
      sums[q][part] = load(queries[q]->output + d + k_lanes * part) * correction;
    }
  }
  for (std::size_t j = 0; j < k_tile_slots; ++j) {
    if ((states[0]->visible >> j & 1U) == 0) continue;
#pragma GCC unroll 8
    for (std::size_t part = 0; part < parts; ++part) {
      const Lanes value = load_cached<elements>(at.values, j * head_dim + d + k_lanes * part);
#pragma GCC unroll 3
      for (int q = 0; q < count; ++q) {
        sums[q][part] = fused_multiply_add(every_lane(weights[q][j]), value, sums[q][part]);
      }
    }
  }
#pragma GCC unroll 3
  for (int q = 0; q < count; ++q) {
#pragma GCC unroll 8
    for (std::size_t part = 0; part < parts; ++part) store(queries[q]->output + d + k_lanes * part, sums[q][part]);
  }
}

/// The last head_dim % k_lanes elements of one query.
template <TileElements elements>
inline void add_last_values(const AttentionTile& at, std::size_t head_dim, std::size_t d, const AttentionQuery& query,
                            const AttentionState& state) {
  float memory[k_tile_slots];
  const float* weights = weights_of<elements>(at, d, state, memory);
  const std::size_t count = head_dim - d;
  Lanes sums = load_first(query.output + d, count) * every_lane(state.correction);
  for (std::size_t j = 0; j < k_tile_slots; ++j) {
    if ((state.visible >> j & 1U) == 0) continue;
    std::byte last[4 * k_lanes] = {};
    constexpr std::size_t bytes = element_bytes(elements);
    std::memcpy(last, at.values + bytes * (j * head_dim + d), bytes * count);
    sums = fused_multiply_add(every_lane(weights[j]), load_cached<elements>(last, 0), sums);
  }
  store_first(query.output + d, count, sums);
}

/// Adds the values of a tile to `count` queries that see the same slots of it.
template <TileElements elements, int count>
inline void add_tile(const AttentionTile& at, std::size_t head_dim, const AttentionQuery* const* queries,
                     AttentionState* const* states) {
  std::size_t d = 0;
  for (; d + 32 <= head_dim; d += 32) add_values<elements, count, 32 / k_lanes>(at, head_dim, d, queries, states);
  for (; d + k_lanes <= head_dim; d += k_lanes) add_values<elements, count, 1>(at, head_dim, d, queries, states);
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
  for (std::size_t i = 0; i < count; i += k_lanes) store(floats + i, load_cached<elements>(tile, i));
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
  const Lanes divisor = every_lane(sum);
  for (std::size_t d = 0; d < task.head_dim; d += k_lanes) {
    const std::size_t count = task.head_dim - d < k_lanes ? task.head_dim - d : k_lanes;
    store_first(query.output + d, count, load_first(query.output + d, count) / divisor);
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
