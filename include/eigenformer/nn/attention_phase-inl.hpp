#pragma once

#include <algorithm>
#include <string>

#include "eigenformer/error.hpp"
#include "eigenformer/nn/attention_phase.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

namespace attention_phase_detail {

/// Rows that share one read of a key tile.
inline constexpr std::uint32_t k_rows_per_piece = 16;
/// Multiply-adds below which handing attention to another thread costs more than it saves (some microseconds' worth).
inline constexpr std::size_t k_small_work = 100'000;

inline std::uint32_t blocks(const RowRun& run) noexcept {
  return (run.row_count + k_rows_per_piece - 1) / k_rows_per_piece;
}

/// Tile pointers first, then queries, then the kernel's floats, then the biases of each query.
struct ScratchLayout {
  std::size_t tile_pointers;
  std::size_t queries;
  std::size_t floats;
  std::size_t bias;
  std::size_t bytes() const noexcept { return tile_pointers + queries + floats + bias; }
};

enum class HasBias : bool { no, yes };

inline ScratchLayout scratch_layout(const AttentionOptions& options, std::size_t tiles, HasBias has_bias) noexcept {
  const std::size_t queries = k_rows_per_piece * (options.heads / options.kv_heads);
  const std::size_t biases = has_bias == HasBias::yes ? queries * tiles * kernels::k_tile_slots : 0;
  return {round_up(2 * tiles * sizeof(std::byte*), k_cache_line),
          round_up(queries * sizeof(kernels::AttentionQuery), k_cache_line),
          round_up(kernels::attention_scratch_floats(options.head_dim) * sizeof(float), k_cache_line),
          biases * sizeof(float)};
}

inline std::string described(std::size_t layers, std::size_t kv_heads, std::size_t head_dim) {
  return std::to_string(layers) + " layers of " + std::to_string(kv_heads) + " key heads of " +
         std::to_string(head_dim) + " values";
}

}  // namespace attention_phase_detail

EIGENFORMER_INLINE VisibleSlots visible_slots(const AttentionOptions& options, const Step& step, const RowRun& run,
                                              std::uint32_t row) {
  if (options.visibility == Visibility::source) {
    return {0, static_cast<std::uint32_t>(step.batch().sequences[run.sequence].source->size())};
  }
  const std::uint32_t slot = step.batch().rows[row].slot;
  if (options.visibility == Visibility::bidirectional) {
    return {0, step.batch().rows[run.first_row + run.row_count - 1].slot + 1};
  }
  const bool cut = options.window != 0 && slot + 1 > options.window;
  const bool sees_itself = step.batch().rows[row].stores_keys;
  if (options.visibility == Visibility::causal_span && sees_itself) {
    return {slot - step.batch().rows[run.first_row].slot, slot + 1};
  }
  return {cut ? slot + 1 - options.window : 0, slot + (sees_itself ? 1 : 0)};
}

EIGENFORMER_INLINE void AttentionPhase::check(const Batch& batch, const RowRun& run) const {
  const BatchSequence& sequence = batch.sequences[run.sequence];
  const bool is_source = options_.visibility == Visibility::source;
  const KvCache* cache = is_source ? sequence.source : sequence.cache;
  const CacheLayout found = cache != nullptr ? cache->layout() : CacheLayout();
  if (cache != nullptr && found.layers > options_.cache_layer && found.kv_heads == options_.kv_heads &&
      found.head_dim == options_.head_dim) {
    return;
  }
  using attention_phase_detail::described;
  throw ShapeError(
      {.id = "shape.sequence_cache",
       .expected = std::string(is_source ? "a source" : "a cache") + " with at least " +
                   described(options_.cache_layer + 1, options_.kv_heads, options_.head_dim),
       .found = cache != nullptr ? described(found.layers, found.kv_heads, found.head_dim) : "none",
       .where = "sequence " + std::to_string(run.sequence),
       .remedy = is_source ? "fill a cache by the program of the source's keys and pass it as BatchSequence::source"
                           : "pass a cache of the network's cache_layout() as BatchSequence::cache"});
}

EIGENFORMER_INLINE const KvCache& AttentionPhase::cache_of(const Step& step, const RowRun& run) const noexcept {
  const BatchSequence& sequence = step.batch().sequences[run.sequence];
  return options_.visibility == Visibility::source ? *sequence.source : *sequence.cache;
}

EIGENFORMER_INLINE std::uint32_t AttentionPhase::pieces(const Step& step) const noexcept {
  std::uint32_t count = 0;
  for (const RowRun& run : step.runs()) count += attention_phase_detail::blocks(run);
  return count * static_cast<std::uint32_t>(options_.kv_heads);
}

EIGENFORMER_INLINE bool AttentionPhase::is_small(const Step& step) const noexcept {
  std::size_t visible = 0;
  for (const RowRun& run : step.runs()) {
    visible += std::size_t{run.row_count} * cache_of(step, run).tiles() * kernels::k_tile_slots;
  }
  return 2 * visible * options_.heads * options_.head_dim < attention_phase_detail::k_small_work;
}

EIGENFORMER_INLINE std::uint32_t AttentionPhase::tasks(const Step& step) const noexcept {
  return is_small(step) ? 1 : pieces(step);
}

EIGENFORMER_INLINE std::size_t AttentionPhase::scratch_bytes(const Step& step) const noexcept {
  std::size_t tiles = 0;
  for (const RowRun& run : step.runs()) tiles = std::max(tiles, cache_of(step, run).tiles());
  return attention_phase_detail::scratch_layout(options_, tiles, attention_phase_detail::HasBias(bias_ != nullptr))
      .bytes();
}

EIGENFORMER_INLINE AttentionPhase::Piece AttentionPhase::piece(const Step& step, std::uint32_t index) const noexcept {
  const auto kv_heads = static_cast<std::uint32_t>(options_.kv_heads);
  std::uint32_t block = index / kv_heads;
  const RowRun* run = step.runs().data();
  while (block >= attention_phase_detail::blocks(*run)) block -= attention_phase_detail::blocks(*run++);
  const std::uint32_t first = block * attention_phase_detail::k_rows_per_piece;
  return {run, run->first_row + first, std::min(attention_phase_detail::k_rows_per_piece, run->row_count - first),
          index % kv_heads};
}

EIGENFORMER_INLINE void AttentionPhase::run(const Step& step, std::uint32_t task, std::byte* scratch) const noexcept {
  if (!is_small(step)) return run_piece(step, piece(step, task), scratch);
  const std::uint32_t count = pieces(step);
  for (std::uint32_t index = 0; index < count; ++index) run_piece(step, piece(step, index), scratch);
}

EIGENFORMER_INLINE void AttentionPhase::run_piece(const Step& step, const Piece& piece,
                                                  std::byte* scratch) const noexcept {
  const KvCache& cache = cache_of(step, *piece.run);
  const std::size_t tiles = cache.tiles();
  const auto layout =
      attention_phase_detail::scratch_layout(options_, tiles, attention_phase_detail::HasBias(bias_ != nullptr));
  auto** key_tiles = reinterpret_cast<const std::byte**>(scratch);
  const std::byte** value_tiles = key_tiles + tiles;
  for (std::size_t tile = 0; tile < tiles; ++tile) {
    key_tiles[tile] = cache.key_tile(tile, {options_.cache_layer, piece.kv_head});
    value_tiles[tile] = cache.value_tile(tile, {options_.cache_layer, piece.kv_head});
  }
  auto* queries = reinterpret_cast<kernels::AttentionQuery*>(scratch + layout.tile_pointers);
  auto* bias = reinterpret_cast<float*>(scratch + layout.tile_pointers + layout.queries + layout.floats);
  const std::size_t group = options_.heads / options_.kv_heads;
  std::size_t count = 0;
  for (std::uint32_t row = piece.first_row; row < piece.first_row + piece.row_count; ++row) {
    const VisibleSlots visible = visible_slots(options_, step, *piece.run, row);
    for (std::size_t head = piece.kv_head * group; head < (piece.kv_head + 1) * group; ++head) {
      const std::size_t first = head * options_.head_dim;
      float* own_bias = bias_ ? bias + count * tiles * kernels::k_tile_slots : nullptr;
      if (bias_) bias_->fill(step, {*piece.run, row, head, visible}, own_bias);
      queries[count++] = {step.row(queries_, row) + first,
                          step.row(output_, row) + first,
                          visible.first,
                          visible.end,
                          visible_words(options_, step, row),
                          own_bias};
    }
  }
  step.kernels().attend({.type = cache.layout().type,
                         .key_tiles = key_tiles,
                         .value_tiles = value_tiles,
                         .head_dim = options_.head_dim,
                         .queries = queries,
                         .query_count = count,
                         .scale = options_.scale,
                         .softcap = options_.softcap,
                         .scratch = reinterpret_cast<float*>(scratch + layout.tile_pointers + layout.queries)});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
