// Sixteen lanes of binary32: loading the first few of them, widening 16-bit elements, reducing them to one.
//
// Everything in avx512/ stands in target regions and in this namespace; it calls nothing that is instantiated elsewhere
// but functions of avx2/, which every such processor can run.
#pragma once

#include "eigenformer/kernels/avx2/lanes.hpp"

EIGENFORMER_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512 {

/// The first `count` lanes (0 .. 16).
inline __mmask16 first_lanes(std::size_t count) { return static_cast<__mmask16>((1U << count) - 1U); }

/// `count` (0 .. 16) floats, the others 0; reads nothing beyond.
inline __m512 load_first(const float* values, std::size_t count) {
  return _mm512_maskz_loadu_ps(first_lanes(count), values);
}

inline void store_first(float* values, std::size_t count, __m512 lanes) {
  _mm512_mask_storeu_ps(values, first_lanes(count), lanes);
}

inline __m512i load_bytes(const std::byte* bytes) { return _mm512_loadu_si512(bytes); }

inline __m256i load_half_bytes(const std::byte* bytes) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
}

inline __m512 load_halves(const std::byte* bytes) { return _mm512_cvtph_ps(load_half_bytes(bytes)); }

inline __m512 load_bfloats(const std::byte* bytes) {
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(load_half_bytes(bytes)), 16));
}

/// Sixteen signed bytes.
inline __m512 load_codes(const std::byte* bytes) {
  return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes))));
}

inline __m512 load_floats(const std::byte* bytes) { return _mm512_loadu_ps(reinterpret_cast<const float*>(bytes)); }

/// The tree 16 -> 8 -> 4 -> 2 -> 1 (rule 3).
inline float sum_of_lanes(__m512 lanes) {
  return avx2::sum_of_lanes(_mm512_castps512_ps256(lanes), _mm512_extractf32x8_ps(lanes, 1));
}

/// The largest lane; which of two zeros is of no account.
inline float largest_lane(__m512 lanes) {
  return avx2::largest_lane(_mm256_max_ps(_mm512_castps512_ps256(lanes), _mm512_extractf32x8_ps(lanes, 1)));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512
EIGENFORMER_TARGET_END
