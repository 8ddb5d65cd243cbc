#pragma once

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

#include "eigenformer/core/aligned_buffer.hpp"
#include "eigenformer/ops/attention.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::ops {

namespace attention_detail {

using kernels::k_tile_slots;

inline void check(const AttentionOperands& operands, const AttentionOptions& options) {
  const auto& [queries, keys, values] = operands;
  require_shape("attention, values", keys.shape(), values.shape());
  require_shape("attention, head_dim of keys", {queries.head_dim}, {keys.head_dim});
  if (keys.heads == 0 || queries.heads % keys.heads != 0) {
    throw ShapeError({.id = "shape.attention_heads",
                      .expected = "a number of key heads that divides " + std::to_string(queries.heads),
                      .found = std::to_string(keys.heads),
                      .where = "attention, keys",
                      .remedy = "check the numbers of heads"});
  }
  if (options.mask) require_shape("attention, mask", {queries.rows, keys.rows}, shape_of(*options.mask));
  if (options.bias) {
    const Eigen::Index heads = options.bias->heads == 1 ? 1 : queries.heads;
    require_shape("attention, bias", {heads, queries.rows, keys.rows}, options.bias->shape());
  }
}

/// Keys and values of one head, in tiles of 32 slots as the cache has them. Slots that are not stored are zeros.
class Tiles {
 public:
  struct Layout {
    kernels::CacheType type;
    std::size_t head_dim;
    std::size_t count;
    std::size_t tile_bytes() const { return kernels::cache_tile_bytes(type, head_dim); }
  };

  explicit Tiles(const Layout& layout) : layout_(layout), memory_(2 * layout.count * layout.tile_bytes()) {
    if (memory_.size() != 0) std::memset(memory_.data(), 0, memory_.size());
    for (std::size_t tile = 0; tile < layout.count; ++tile) {
      keys.push_back(memory_.data() + tile * layout.tile_bytes());
      values.push_back(memory_.data() + (layout.count + tile) * layout.tile_bytes());
    }
  }

  void store(const kernels::KernelTable& kernels, std::size_t slot, const float* key, const float* value) {
    const std::size_t tile = slot / k_tile_slots;
    kernels.store_in_cache({.type = layout_.type,
                            .key = key,
                            .value = value,
                            .key_tile = memory_.data() + tile * layout_.tile_bytes(),
                            .value_tile = memory_.data() + (layout_.count + tile) * layout_.tile_bytes(),
                            .slot = slot % k_tile_slots,
                            .head_dim = layout_.head_dim});
  }

  std::vector<const std::byte*> keys, values;

 private:
  Layout layout_;
  AlignedBuffer memory_;
};

inline Tiles pack(const kernels::KernelTable& kernels, const AttentionOperands& operands, Eigen::Index kv_head,
                  kernels::CacheType type) {
  const auto slots = static_cast<std::size_t>(operands.keys.rows);
  Tiles tiles({.type = type,
               .head_dim = static_cast<std::size_t>(operands.keys.head_dim),
               .count = (slots + k_tile_slots - 1) / k_tile_slots});
  for (std::size_t slot = 0; slot < slots; ++slot) {
    const auto row = static_cast<Eigen::Index>(slot);
    tiles.store(kernels, slot, operands.keys.row(kv_head, row), operands.values.row(kv_head, row));
  }
  return tiles;
}

/// What each query row sees, as the kernel wants it.
class Sights {
 public:
  Sights(const AttentionOperands& operands, const AttentionOptions& options)
      : options_(options),
        slots_(static_cast<std::size_t>(operands.keys.rows)),
        rows_(static_cast<std::size_t>(operands.queries.rows)),
        tiles_((slots_ + k_tile_slots - 1) / k_tile_slots) {
    if (options.bias) heads_ = static_cast<std::size_t>(options.bias->heads);
    if (options.bias) bias_.resize(heads_ * rows_ * tiles_ * k_tile_slots);  // whole tiles: kernels may read all 32
    if (options.bias || options.mask) words_.resize(heads_ * rows_ * tiles_);
    for (std::size_t head = 0; head < heads_ && !words_.empty(); ++head) {
      for (std::size_t row = 0; row < rows_; ++row) pack_row(head, row);
    }
  }

  kernels::AttentionQuery query(std::size_t head, std::size_t row) const {
    const std::size_t tile = (head % heads_ * rows_ + row) * tiles_;
    kernels::AttentionQuery query{.query = nullptr,
                                  .output = nullptr,
                                  .first_slot = 0,
                                  .end_slot = static_cast<std::uint32_t>(slots_),
                                  .visible_slots = words_.empty() ? nullptr : words_.data() + tile,
                                  .bias = bias_.empty() ? nullptr : bias_.data() + tile * k_tile_slots};
    if (options_.sight == Sight::past) {
      const std::size_t end = std::size_t{options_.first_query_slot} + row + 1;
      query.end_slot = static_cast<std::uint32_t>(std::min(end, slots_));
      const bool cut = options_.window != 0 && end > options_.window;
      query.first_slot = cut ? static_cast<std::uint32_t>(std::min(end - options_.window, slots_)) : 0;
    }
    return query;
  }

 private:
  /// A bias of minus infinity hides its slot: the kernel's scores are finite.
  void pack_row(std::size_t head, std::size_t row) {
    const auto row_index = static_cast<Eigen::Index>(row);
    const float* bias = options_.bias ? options_.bias->row(static_cast<Eigen::Index>(head), row_index) : nullptr;
    const std::size_t first_tile = (head * rows_ + row) * tiles_;
    for (std::size_t slot = 0; slot < slots_; ++slot) {
      const bool masked = options_.mask && !(*options_.mask)(row_index, static_cast<Eigen::Index>(slot));
      const bool hidden = bias != nullptr && bias[slot] == -std::numeric_limits<float>::infinity();
      if (bias != nullptr && !hidden) bias_[first_tile * k_tile_slots + slot] = bias[slot];
      if (masked || hidden) continue;
      words_[first_tile + slot / k_tile_slots] |= std::uint32_t{1} << (slot % k_tile_slots);
    }
  }

  const AttentionOptions& options_;
  std::size_t slots_, rows_, tiles_;
  std::size_t heads_ = 1;             // that differ in what they see
  std::vector<std::uint32_t> words_;  // [heads_][rows][tiles]
  std::vector<float> bias_;           // [heads_][rows][32 tiles]
};

/// The queries of one head, which write to `output` [rows, head_dim], rows `stride` apart.
inline std::vector<kernels::AttentionQuery> queries_of(const ConstHeadsView& heads, const Sights& sights,
                                                       Eigen::Index head, const MatrixView& output) {
  std::vector<kernels::AttentionQuery> queries;
  queries.reserve(static_cast<std::size_t>(heads.rows));
  for (Eigen::Index row = 0; row < heads.rows; ++row) {
    queries.push_back(sights.query(static_cast<std::size_t>(head), static_cast<std::size_t>(row)));
    queries.back().query = heads.row(head, row);
    queries.back().output = row_of(output, row);
  }
  return queries;
}

/// The kernel's task but for its queries. `scratch` grows to what it needs.
inline kernels::AttentionTask task_of(const AttentionOperands& operands, const AttentionOptions& options,
                                      const Tiles& tiles, std::vector<float>& scratch) {
  const auto head_dim = static_cast<std::size_t>(operands.queries.head_dim);
  scratch.resize(kernels::attention_scratch_floats(head_dim));
  return {.type = options.type,
          .key_tiles = tiles.keys.data(),
          .value_tiles = tiles.values.data(),
          .head_dim = head_dim,
          .queries = nullptr,
          .query_count = 0,
          .scale = options.scale,
          .softcap = options.softcap,
          .scratch = scratch.data()};
}

/// The chances of one head, out [rows][slots]: what the kernel returns for values that are one in one slot and zero in
/// the others, as many slots at a time as a value has room for. `task` writes to `sums` [rows, head_dim].
inline void chances_of(const kernels::KernelTable& kernels, kernels::AttentionTask task, const MatrixView& sums,
                       MatrixView out) {
  const auto slots = static_cast<std::size_t>(out.cols());
  const std::vector<float> zeros(task.head_dim, 0.0F);
  const Tiles nothing({task.type, task.head_dim, 1});
  std::vector<const std::byte*> value_tiles((slots + k_tile_slots - 1) / k_tile_slots, nothing.values[0]);
  task.value_tiles = value_tiles.data();
  for (std::size_t first = 0, count = 0; first < slots; first += count) {
    count = std::min({task.head_dim, k_tile_slots - first % k_tile_slots, slots - first});
    Tiles ones({task.type, task.head_dim, 1});
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<float> one = zeros;
      one[i] = 1.0F;
      ones.store(kernels, first % k_tile_slots + i, zeros.data(), one.data());
    }
    value_tiles[first / k_tile_slots] = ones.values[0];
    kernels.attend(task);
    value_tiles[first / k_tile_slots] = nothing.values[0];
    const auto columns = static_cast<Eigen::Index>(count);
    out.middleCols(static_cast<Eigen::Index>(first), columns) = sums.leftCols(columns);
  }
}

}  // namespace attention_detail

EIGENFORMER_INLINE void scaled_dot_product_attention(const kernels::KernelTable& kernels,
                                                     const AttentionOperands& operands, const AttentionOptions& options,
                                                     const HeadsView& output) {
  attention_detail::check(operands, options);
  require_shape("attention, output", operands.queries.shape(), output.shape());
  const attention_detail::Sights sights(operands, options);
  std::vector<float> scratch;
  const Eigen::Index group = operands.queries.heads / operands.keys.heads;
  for (Eigen::Index kv_head = 0; kv_head < operands.keys.heads; ++kv_head) {
    const attention_detail::Tiles tiles = attention_detail::pack(kernels, operands, kv_head, options.type);
    kernels::AttentionTask task = attention_detail::task_of(operands, options, tiles, scratch);
    for (Eigen::Index head = kv_head * group; head < (kv_head + 1) * group; ++head) {
      const auto queries = attention_detail::queries_of(operands.queries, sights, head, output[head]);
      task.queries = queries.data();
      task.query_count = queries.size();
      kernels.attend(task);
    }
  }
}

EIGENFORMER_INLINE std::vector<float> attention_probabilities(const kernels::KernelTable& kernels,
                                                              const AttentionOperands& operands,
                                                              const AttentionOptions& options) {
  attention_detail::check(operands, options);
  const auto& [heads, keys, values] = operands;
  const attention_detail::Sights sights(operands, options);
  std::vector<float> scratch;
  std::vector<float> sums(static_cast<std::size_t>(heads.rows * heads.head_dim));
  std::vector<float> chances(static_cast<std::size_t>(heads.heads * heads.rows * keys.rows));
  const MatrixView sums_view = matrix_view(sums.data(), {heads.rows, heads.head_dim, heads.head_dim});
  const Eigen::Index group = heads.heads / keys.heads;
  for (Eigen::Index head = 0; head < heads.heads; ++head) {
    const attention_detail::Tiles tiles = attention_detail::pack(kernels, operands, head / group, options.type);
    const auto queries = attention_detail::queries_of(heads, sights, head, sums_view);
    kernels::AttentionTask task = attention_detail::task_of(operands, options, tiles, scratch);
    task.queries = queries.data();
    task.query_count = queries.size();
    float* const out = chances.data() + head * heads.rows * keys.rows;
    attention_detail::chances_of(kernels, task, sums_view, matrix_view(out, {heads.rows, keys.rows, keys.rows}));
  }
  return chances;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::ops
