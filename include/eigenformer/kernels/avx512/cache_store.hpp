// Writing a key and a value into their cache tiles, sixteen elements at a time.
#pragma once

#include "eigenformer/kernels/avx2/cache_store.hpp"
#include "eigenformer/kernels/avx512/lanes.hpp"
#include "eigenformer/kernels/cache_store.hpp"

EIGENFORMER_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512 {

/// Half to even; beyond the largest half (65504) that. NaN stays.
inline __m256i halves_saturating(__m512 values) {
  const __m512 bounded = _mm512_max_ps(_mm512_set1_ps(-65504.0F), _mm512_min_ps(_mm512_set1_ps(65504.0F), values));
  return _mm512_cvtps_ph(bounded, _MM_FROUND_TO_NEAREST_INT);
}

/// Keys lie k_tile_slots apart; each is stored by itself, which is quicker than a scatter.
inline void store_halves(const CacheStore& store) {
  for (std::size_t d = 0; d < store.head_dim; d += 16) {
    const std::size_t count = store.head_dim - d < 16 ? store.head_dim - d : 16;
    std::uint16_t keys[16];
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(keys), halves_saturating(load_first(store.key + d, count)));
    for (std::size_t i = 0; i < count; ++i) {
      std::memcpy(store.key_tile + 2 * ((d + i) * k_tile_slots + store.slot), keys + i, 2);
    }
    const __m256i values = halves_saturating(load_first(store.value + d, count));
    _mm256_mask_storeu_epi16(store.value_tile + 2 * (store.slot * store.head_dim + d), first_lanes(count), values);
  }
}

inline void store_in_cache(const CacheStore& store) noexcept {
  if (store.type == CacheType::f16) return store_halves(store);
  avx2::store_in_cache(store);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512
EIGENFORMER_TARGET_END
