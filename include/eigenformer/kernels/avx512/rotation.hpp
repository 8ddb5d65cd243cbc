// Rotary positions of one head on sixteen lanes.
#pragma once

#include "eigenformer/kernels/avx512/lanes.hpp"
#include "eigenformer/kernels/rotation.hpp"

EIGENFORMER_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512 {

inline void rotate(const Rotation& rotation) noexcept {
  const std::size_t half = rotation.size / 2;
  for (std::size_t i = 0; i < half; i += 16) {
    const std::size_t count = half - i < 16 ? half - i : 16;
    const __m512 low = load_first(rotation.head + i, count);
    const __m512 high = load_first(rotation.head + half + i, count);
    const __m512 cosine = load_first(rotation.cosines + i, count);
    const __m512 sine = load_first(rotation.sines + i, count);
    store_first(rotation.head + i, count, _mm512_fmsub_ps(low, cosine, _mm512_mul_ps(high, sine)));
    store_first(rotation.head + half + i, count, _mm512_fmadd_ps(high, cosine, _mm512_mul_ps(low, sine)));
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512
EIGENFORMER_TARGET_END
