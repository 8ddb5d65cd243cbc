// Writing a key and a value into their cache tiles, eight elements at a time.
#pragma once

#include "eigenformer/kernels/avx2/lanes.hpp"
#include "eigenformer/kernels/avx2/quantize.hpp"
#include "eigenformer/kernels/cache_store.hpp"

EIGENFORMER_TARGET_BEGIN("avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2 {

/// Half to even; beyond the largest half (65504) that. NaN stays.
inline __m128i halves_saturating(__m256 values) {
  const __m256 bounded = _mm256_max_ps(_mm256_set1_ps(-65504.0F), _mm256_min_ps(_mm256_set1_ps(65504.0F), values));
  return _mm256_cvtps_ph(bounded, _MM_FROUND_TO_NEAREST_INT);
}

inline void store_halves(const CacheStore& store) {
  for (std::size_t d = 0; d < store.head_dim; d += 8) {
    const std::size_t count = store.head_dim - d < 8 ? store.head_dim - d : 8;
    std::uint16_t keys[8];
    std::uint16_t values[8];
    _mm_storeu_si128(reinterpret_cast<__m128i*>(keys), halves_saturating(load_first(store.key + d, count)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(values), halves_saturating(load_first(store.value + d, count)));
    for (std::size_t i = 0; i < count; ++i) {
      std::memcpy(store.key_tile + 2 * ((d + i) * k_tile_slots + store.slot), keys + i, 2);
    }
    std::memcpy(store.value_tile + 2 * (store.slot * store.head_dim + d), values, 2 * count);
  }
}

/// int8: block by block.
inline void store_blocks(const CacheStore& store) {
  CacheBlock block;
  for (std::size_t index = 0; index < cache_scales(store.type, store.head_dim); ++index) {
    const CacheBlockPlace place = cache_block_place(store.head_dim, index);
    quantize_row(store.key + place.first, place.count, block.rows(), 0);
    put_key_block(store, place, block);
    quantize_row(store.value + place.first, place.count, block.rows(), 0);
    put_value_block(store, place, block);
  }
}

inline void store_in_cache(const CacheStore& store) noexcept {
  if (store.type == CacheType::int8) return store_blocks(store);
  if (store.type == CacheType::f16) return store_halves(store);
  for (std::size_t d = 0; d < store.head_dim; ++d) {
    std::memcpy(store.key_tile + 4 * (d * k_tile_slots + store.slot), store.key + d, 4);
  }
  std::memcpy(store.value_tile + 4 * store.slot * store.head_dim, store.value, 4 * store.head_dim);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2
EIGENFORMER_TARGET_END
