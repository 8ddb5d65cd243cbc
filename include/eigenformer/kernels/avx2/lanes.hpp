// Eight lanes of binary32: loading the first few of them, widening 16-bit elements, summing sixteen lanes.
//
// Everything in avx2/ stands in target regions and in this namespace; it calls nothing that is instantiated elsewhere.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/kernels/target.hpp"

EIGENFORMER_TARGET_BEGIN("avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2 {

/// All bits set in the first `count` lanes (0 .. 8).
inline __m256i first_lanes(std::size_t count) {
  const __m256i index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), index);
}

/// All bits set in lane i where bit i of `bits` is set.
inline __m256 lanes_of_bits(std::uint32_t bits) {
  const __m256i each = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
  const __m256i spread = _mm256_and_si256(_mm256_set1_epi32(static_cast<int>(bits)), each);
  return _mm256_castsi256_ps(_mm256_cmpeq_epi32(spread, each));
}

/// `count` (0 .. 8) floats, the others 0; reads nothing beyond.
inline __m256 load_first(const float* values, std::size_t count) {
  return _mm256_maskload_ps(values, first_lanes(count));
}

inline void store_first(float* values, std::size_t count, __m256 lanes) {
  _mm256_maskstore_ps(values, first_lanes(count), lanes);
}

inline __m256 load_halves(const std::byte* bytes) {
  return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)));
}

inline __m256 load_bfloats(const std::byte* bytes) {
  const __m128i narrow = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(narrow), 16));
}

/// Eight signed bytes.
inline __m256 load_codes(const std::byte* bytes) {
  return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes))));
}

inline __m256 load_floats(const std::byte* bytes) { return _mm256_loadu_ps(reinterpret_cast<const float*>(bytes)); }

/// The tree 16 -> 8 -> 4 -> 2 -> 1 over lanes 0 .. 7 and 8 .. 15 (rule 3).
inline float sum_of_lanes(__m256 low, __m256 high) {
  const __m256 eight = _mm256_add_ps(low, high);
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}

/// The largest lane; which of two zeros is of no account.
inline float largest_lane(__m256 lanes) {
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps(lanes, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps(two, two, 1)));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2
EIGENFORMER_TARGET_END
