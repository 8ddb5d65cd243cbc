// Sixteen lanes of binary32: what kernels/lanes/ stands on, widening 16-bit elements, reducing them to one.
//
// Everything in avx512/ stands in target regions and in this namespace; it calls nothing that is instantiated elsewhere
// but functions of avx2/, which every such processor can run.
#pragma once

#include "eigenformer/kernels/avx2/lanes.hpp"

EIGENFORMER_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")
namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512 {

inline constexpr std::size_t k_lanes = 16;
inline constexpr std::size_t k_parts = 16 / k_lanes;  ///< registers of sixteen floats

/// Sixteen floats; for kernels with intrinsics of their own the register itself.
struct Lanes {
  __m512 values;
  Lanes() = default;
  Lanes(__m512 from) : values(from) {}
  operator __m512() const { return values; }
};

/// Sixteen integers of 32 bits, modulo 2^32.
struct IntegerLanes {
  __m512i values;
};

/// A bit for each lane.
using Mask = __mmask16;

/// The first `count` lanes (0 .. 16).
inline Mask first_lanes(std::size_t count) { return static_cast<__mmask16>((1U << count) - 1U); }

inline Lanes every_lane(float value) { return _mm512_set1_ps(value); }
inline Lanes load(const float* values) { return _mm512_loadu_ps(values); }
inline void store(float* values, Lanes lanes) { _mm512_storeu_ps(values, lanes); }

/// `count` (0 .. 16) floats, the others 0; reads nothing beyond.
inline Lanes load_first(const float* values, std::size_t count) {
  return _mm512_maskz_loadu_ps(first_lanes(count), values);
}

inline void store_first(float* values, std::size_t count, Lanes lanes) {
  _mm512_mask_storeu_ps(values, first_lanes(count), lanes);
}

inline Lanes operator+(Lanes a, Lanes b) { return _mm512_add_ps(a, b); }
inline Lanes operator-(Lanes a, Lanes b) { return _mm512_sub_ps(a, b); }
inline Lanes operator*(Lanes a, Lanes b) { return _mm512_mul_ps(a, b); }
inline Lanes operator/(Lanes a, Lanes b) { return _mm512_div_ps(a, b); }
inline Lanes operator&(Lanes a, Lanes b) { return _mm512_and_ps(a, b); }
inline Lanes operator|(Lanes a, Lanes b) { return _mm512_or_ps(a, b); }
inline Lanes magnitude(Lanes x) { return _mm512_andnot_ps(every_lane(-0.0F), x); }

/// a b + c and a b - c, rounded once.
inline Lanes fused_multiply_add(Lanes a, Lanes b, Lanes c) { return _mm512_fmadd_ps(a, b, c); }
inline Lanes fused_multiply_subtract(Lanes a, Lanes b, Lanes c) { return _mm512_fmsub_ps(a, b, c); }

/// a < b ? a : b and a > b ? a : b.
inline Lanes lesser(Lanes a, Lanes b) { return _mm512_min_ps(a, b); }
inline Lanes larger(Lanes a, Lanes b) { return _mm512_max_ps(a, b); }

inline Mask is_less(Lanes a, Lanes b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
inline Mask is_not_less(Lanes a, Lanes b) { return _mm512_cmp_ps_mask(a, b, _CMP_NLT_UQ); }
inline Lanes select(Mask mask, Lanes yes, Lanes no) { return _mm512_mask_blend_ps(mask, no, yes); }
/// +0 in the other lanes.
inline Lanes keep_where(Mask mask, Lanes x) { return _mm512_maskz_mov_ps(mask, x); }

inline IntegerLanes as_integers(Lanes x) { return {_mm512_castps_si512(x)}; }
inline Lanes as_floats(IntegerLanes x) { return _mm512_castsi512_ps(x.values); }
inline IntegerLanes operator+(IntegerLanes a, IntegerLanes b) { return {_mm512_add_epi32(a.values, b.values)}; }
template <int bits>
inline IntegerLanes shift_left(IntegerLanes x) {
  return {_mm512_slli_epi32(x.values, bits)};
}

inline float first_lane(Lanes x) { return _mm512_cvtss_f32(x); }

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

/// The same, over the register of kernels/lanes/.
[[gnu::always_inline]] inline float sum_of_lanes(const Lanes (&parts)[1]) { return sum_of_lanes(parts[0]); }

/// The largest lane; which of two zeros is of no account.
inline float largest_lane(__m512 lanes) {
  return avx2::largest_lane(_mm256_max_ps(_mm512_castps512_ps256(lanes), _mm512_extractf32x8_ps(lanes, 1)));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::avx512
EIGENFORMER_TARGET_END
