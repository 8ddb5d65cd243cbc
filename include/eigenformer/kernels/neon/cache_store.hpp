// Writing a key and a value into their cache tiles, four elements at a time.
#pragma once

#include "eigenformer/kernels/cache_store.hpp"
#include "eigenformer/kernels/neon/lanes.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon {

/// Half to even; beyond the largest half (65504) that. NaN stays.
inline uint16x4_t halves_saturating(Lanes values) {
  const Lanes bounded = larger(every_lane(-65504.0F), lesser(every_lane(65504.0F), values));
  return vreinterpret_u16_f16(vcvt_f16_f32(bounded));
}

inline void store_halves(const CacheStore& store) {
  for (std::size_t d = 0; d < store.head_dim; d += k_lanes) {
    const std::size_t count = store.head_dim - d < k_lanes ? store.head_dim - d : k_lanes;
    std::uint16_t keys[k_lanes];
    std::uint16_t values[k_lanes];
    vst1_u16(keys, halves_saturating(load_first(store.key + d, count)));
    vst1_u16(values, halves_saturating(load_first(store.value + d, count)));
    for (std::size_t i = 0; i < count; ++i) {
      std::memcpy(store.key_tile + 2 * ((d + i) * k_tile_slots + store.slot), keys + i, 2);
    }
    std::memcpy(store.value_tile + 2 * (store.slot * store.head_dim + d), values, 2 * count);
  }
}

inline void store_in_cache(const CacheStore& store) noexcept {
  if (store.type == CacheType::f16) return store_halves(store);
  scalar::store_in_cache(store);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon
