// Writing a key and a value into their cache tiles: the scalar truth (rule 4).
#pragma once

#include <cstring>

#include "eigenformer/core/half.hpp"
#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/kernels/quantize.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

/// A block of a key or a value as int8 has it, and where quantizing leaves it.
struct CacheBlock {
  std::int8_t codes[quant::k_block];
  float scale;
  float scaled_sum;  ///< not kept
  std::int32_t sum;  ///< not kept
  QuantizedRows rows() { return {codes, &scale, &scaled_sum, &sum, quant::k_block}; }
};

inline void put_key_block(const CacheStore& store, const CacheBlockPlace& place, const CacheBlock& block) {
  for (std::size_t i = 0; i < place.count; ++i) {
    std::memcpy(store.key_tile + (place.first + i) * k_tile_slots + store.slot, block.codes + i, 1);
  }
  std::memcpy(store.key_tile + cache_scale_at(store.head_dim, place.index, store.slot), &block.scale, sizeof(float));
}

inline void put_value_block(const CacheStore& store, const CacheBlockPlace& place, const CacheBlock& block) {
  std::memcpy(store.value_tile + store.slot * store.head_dim + place.first, block.codes, place.count);
  std::memcpy(store.value_tile + cache_scale_at(store.head_dim, place.index, store.slot), &block.scale, sizeof(float));
}

namespace scalar {

/// f32 as it is, f16 half to even and saturating.
inline void store_element(CacheType type, std::byte* tile, std::size_t element, float value) {
  if (type == CacheType::f32) {
    std::memcpy(tile + 4 * element, &value, 4);
    return;
  }
  const std::uint16_t half = half_from_float_saturating(value);
  std::memcpy(tile + 2 * element, &half, 2);
}

/// int8: block by block.
inline void store_blocks(const CacheStore& store) {
  CacheBlock block;
  for (std::size_t index = 0; index < cache_scales(store.type, store.head_dim); ++index) {
    const CacheBlockPlace place = cache_block_place(store.head_dim, index);
    quantize_block(store.key + place.first, place.count, block.rows(), 0);
    put_key_block(store, place, block);
    quantize_block(store.value + place.first, place.count, block.rows(), 0);
    put_value_block(store, place, block);
  }
}

/// Keys to column `slot` of [head_dim][32], values to row `slot` of [32][head_dim].
inline void store_in_cache(const CacheStore& store) noexcept {
  if (store.type == CacheType::int8) return store_blocks(store);
  for (std::size_t d = 0; d < store.head_dim; ++d) {
    store_element(store.type, store.key_tile, d * k_tile_slots + store.slot, store.key[d]);
    store_element(store.type, store.value_tile, store.slot * store.head_dim + d, store.value[d]);
  }
}

}  // namespace scalar
}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels
