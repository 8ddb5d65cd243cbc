// Rotary positions of one head on eight lanes.
#pragma once

#include "eigenformer/kernels/avx2/lanes.hpp"
#include "eigenformer/kernels/rotation.hpp"

EIGENFORMER_TARGET_BEGIN("avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2 {

inline void rotate(const Rotation& rotation) noexcept {
  const std::size_t half = rotation.size / 2;
  for (std::size_t i = 0; i < half; i += 8) {
    const std::size_t count = half - i < 8 ? half - i : 8;
    const __m256 low = load_first(rotation.head + i, count);
    const __m256 high = load_first(rotation.head + half + i, count);
    const __m256 cosine = load_first(rotation.cosines + i, count);
    const __m256 sine = load_first(rotation.sines + i, count);
    store_first(rotation.head + i, count, _mm256_fmsub_ps(low, cosine, _mm256_mul_ps(high, sine)));
    store_first(rotation.head + half + i, count, _mm256_fmadd_ps(high, cosine, _mm256_mul_ps(low, sine)));
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2
EIGENFORMER_TARGET_END
