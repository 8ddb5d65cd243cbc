// Writing a key and a value into their cache tiles: the scalar truth (rule 4).
#pragma once

#include <cstring>

#include "eigenformer/core/half.hpp"
#include "eigenformer/kernels/kernel_table.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar {

/// Rounds to the cache type: f32 as it is, f16 half to even and saturating.
inline void store_element(CacheType type, std::byte* tile, std::size_t element, float value) {
  if (type == CacheType::f32) {
    std::memcpy(tile + 4 * element, &value, 4);
    return;
  }
  const std::uint16_t half = half_from_float_saturating(value);
  std::memcpy(tile + 2 * element, &half, 2);
}

/// Keys to column `slot` of [head_dim][32], values to row `slot` of [32][head_dim].
inline void store_in_cache(const CacheStore& store) noexcept {
  for (std::size_t d = 0; d < store.head_dim; ++d) {
    store_element(store.type, store.key_tile, d * k_tile_slots + store.slot, store.key[d]);
    store_element(store.type, store.value_tile, store.slot * store.head_dim + d, store.value[d]);
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::scalar
