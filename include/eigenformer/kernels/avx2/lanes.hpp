// Eight lanes of binary32: what kernels/lanes/ stands on, widening 16-bit elements, summing sixteen lanes.
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

inline constexpr std::size_t k_lanes = 8;
inline constexpr std::size_t k_parts = 16 / k_lanes;  ///< registers of sixteen floats

/// Eight floats; for kernels with intrinsics of their own the register itself.
struct Lanes {
  __m256 values;
  Lanes() = default;
  Lanes(__m256 from) : values(from) {}
  operator __m256() const { return values; }
};

/// Eight integers of 32 bits, modulo 2^32.
struct IntegerLanes {
  __m256i values;
};

/// All bits of a lane set, or none.
using Mask = __m256i;

/// The first `count` lanes (0 .. 8).
inline Mask first_lanes(std::size_t count) {
  const __m256i index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), index);
}

/// Lane i where bit i of `bits` is set.
inline Mask lanes_of_bits(std::uint32_t bits) {
  const __m256i each = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
  return _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32(static_cast<int>(bits)), each), each);
}

inline Lanes every_lane(float value) { return _mm256_set1_ps(value); }
inline Lanes load(const float* values) { return _mm256_loadu_ps(values); }
inline void store(float* values, Lanes lanes) { _mm256_storeu_ps(values, lanes); }

/// `count` (0 .. 8) floats, the others 0; reads nothing beyond.
inline Lanes load_first(const float* values, std::size_t count) {
  return _mm256_maskload_ps(values, first_lanes(count));
}

/// values[i] where bit i of `bits` is set, else 0; reads nothing else.
inline Lanes load_where(std::uint32_t bits, const float* values) {
  return _mm256_maskload_ps(values, lanes_of_bits(bits));
}

inline void store_first(float* values, std::size_t count, Lanes lanes) {
  _mm256_maskstore_ps(values, first_lanes(count), lanes);
}

inline Lanes operator+(Lanes a, Lanes b) { return _mm256_add_ps(a, b); }
inline Lanes operator-(Lanes a, Lanes b) { return _mm256_sub_ps(a, b); }
inline Lanes operator*(Lanes a, Lanes b) { return _mm256_mul_ps(a, b); }
inline Lanes operator/(Lanes a, Lanes b) { return _mm256_div_ps(a, b); }
inline Lanes operator&(Lanes a, Lanes b) { return _mm256_and_ps(a, b); }
inline Lanes operator|(Lanes a, Lanes b) { return _mm256_or_ps(a, b); }
inline Lanes magnitude(Lanes x) { return _mm256_andnot_ps(every_lane(-0.0F), x); }

/// a b + c and a b - c, rounded once.
inline Lanes fused_multiply_add(Lanes a, Lanes b, Lanes c) { return _mm256_fmadd_ps(a, b, c); }
inline Lanes fused_multiply_subtract(Lanes a, Lanes b, Lanes c) { return _mm256_fmsub_ps(a, b, c); }

/// a < b ? a : b and a > b ? a : b.
inline Lanes lesser(Lanes a, Lanes b) { return _mm256_min_ps(a, b); }
inline Lanes larger(Lanes a, Lanes b) { return _mm256_max_ps(a, b); }

inline Mask is_less(Lanes a, Lanes b) { return _mm256_castps_si256(_mm256_cmp_ps(a, b, _CMP_LT_OQ)); }
inline Mask is_not_less(Lanes a, Lanes b) { return _mm256_castps_si256(_mm256_cmp_ps(a, b, _CMP_NLT_UQ)); }
inline Lanes select(Mask mask, Lanes yes, Lanes no) { return _mm256_blendv_ps(no, yes, _mm256_castsi256_ps(mask)); }
/// +0 in the other lanes.
inline Lanes keep_where(Mask mask, Lanes x) { return _mm256_and_ps(x, _mm256_castsi256_ps(mask)); }

inline IntegerLanes as_integers(Lanes x) { return {_mm256_castps_si256(x)}; }
inline Lanes as_floats(IntegerLanes x) { return _mm256_castsi256_ps(x.values); }
inline IntegerLanes operator+(IntegerLanes a, IntegerLanes b) { return {_mm256_add_epi32(a.values, b.values)}; }
template <int bits>
inline IntegerLanes shift_left(IntegerLanes x) {
  return {_mm256_slli_epi32(x.values, bits)};
}

inline float first_lane(Lanes x) { return _mm256_cvtss_f32(x); }

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

/// The same, over the registers of kernels/lanes/.
[[gnu::always_inline]] inline float sum_of_lanes(const Lanes (&parts)[2]) { return sum_of_lanes(parts[0], parts[1]); }

/// The largest lane; which of two zeros is of no account.
inline float largest_lane(__m256 lanes) {
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps(lanes, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps(two, two, 1)));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx2
EIGENFORMER_TARGET_END
