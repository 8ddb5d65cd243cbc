// Four lanes of binary32: what kernels/lanes/ stands on, widening 16-bit elements, summing sixteen lanes.
//
// Every 64-bit ARM processor has NEON (Advanced SIMD), with fused multiply-adds and half precision conversion, so neon/
// needs no target region.
#pragma once

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "eigenformer/kernels/kernel_table.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon {

inline constexpr std::size_t k_lanes = 4;
inline constexpr std::size_t k_parts = 16 / k_lanes;  ///< registers of sixteen floats

/// Four floats; for kernels with intrinsics of their own the register itself.
struct Lanes {
  float32x4_t values;
  Lanes() = default;
  Lanes(float32x4_t from) : values(from) {}
  operator float32x4_t() const { return values; }
};

/// Four integers of 32 bits, modulo 2^32.
struct IntegerLanes {
  uint32x4_t values;
};

/// All bits of a lane set, or none.
using Mask = uint32x4_t;

/// The first `count` lanes (0 .. 4).
inline Mask first_lanes(std::size_t count) {
  constexpr std::uint32_t k_index[4] = {0, 1, 2, 3};
  return vcltq_u32(vld1q_u32(k_index), vdupq_n_u32(static_cast<std::uint32_t>(count)));
}

/// Lane i where bit i of `bits` is set.
inline Mask lanes_of_bits(std::uint32_t bits) {
  constexpr std::uint32_t k_each[4] = {1, 2, 4, 8};
  return vtstq_u32(vdupq_n_u32(bits), vld1q_u32(k_each));
}

inline Lanes every_lane(float value) { return vdupq_n_f32(value); }
inline Lanes load(const float* values) { return vld1q_f32(values); }
inline void store(float* values, Lanes lanes) { vst1q_f32(values, lanes); }

/// `count` (0 .. 4) floats, the others 0; reads nothing beyond.
inline Lanes load_first(const float* values, std::size_t count) {
  float32x4_t lanes = vdupq_n_f32(0.0F);
  switch (count) {
    case 4: return vld1q_f32(values);
    case 3: lanes = vld1q_lane_f32(values + 2, lanes, 2); [[fallthrough]];
    case 2: lanes = vld1q_lane_f32(values + 1, lanes, 1); [[fallthrough]];
    case 1: lanes = vld1q_lane_f32(values, lanes, 0); [[fallthrough]];
    default: return lanes;
  }
}

/// values[i] where bit i of `bits` is set, else 0; reads nothing else.
inline Lanes load_where(std::uint32_t bits, const float* values) {
  if ((bits & 15U) == 15U) return vld1q_f32(values);
  float32x4_t lanes = vdupq_n_f32(0.0F);
  if ((bits & 1U) != 0) lanes = vld1q_lane_f32(values, lanes, 0);
  if ((bits & 2U) != 0) lanes = vld1q_lane_f32(values + 1, lanes, 1);
  if ((bits & 4U) != 0) lanes = vld1q_lane_f32(values + 2, lanes, 2);
  if ((bits & 8U) != 0) lanes = vld1q_lane_f32(values + 3, lanes, 3);
  return lanes;
}

inline void store_first(float* values, std::size_t count, Lanes lanes) {
  switch (count) {
    case 4: return vst1q_f32(values, lanes);
    case 3: vst1q_lane_f32(values + 2, lanes, 2); [[fallthrough]];
    case 2: vst1q_lane_f32(values + 1, lanes, 1); [[fallthrough]];
    case 1: vst1q_lane_f32(values, lanes, 0); [[fallthrough]];
    default: return;
  }
}

inline IntegerLanes as_integers(Lanes x) { return {vreinterpretq_u32_f32(x)}; }
inline Lanes as_floats(IntegerLanes x) { return vreinterpretq_f32_u32(x.values); }

inline Lanes operator+(Lanes a, Lanes b) { return vaddq_f32(a, b); }
inline Lanes operator-(Lanes a, Lanes b) { return vsubq_f32(a, b); }
inline Lanes operator*(Lanes a, Lanes b) { return vmulq_f32(a, b); }
inline Lanes operator/(Lanes a, Lanes b) { return vdivq_f32(a, b); }
inline Lanes operator&(Lanes a, Lanes b) {
  return as_floats({vandq_u32(as_integers(a).values, as_integers(b).values)});
}
inline Lanes operator|(Lanes a, Lanes b) {
  return as_floats({vorrq_u32(as_integers(a).values, as_integers(b).values)});
}
inline Lanes magnitude(Lanes x) { return vabsq_f32(x); }

/// a b + c and a b - c, rounded once.
inline Lanes fused_multiply_add(Lanes a, Lanes b, Lanes c) { return vfmaq_f32(c, a, b); }
inline Lanes fused_multiply_subtract(Lanes a, Lanes b, Lanes c) { return vfmaq_f32(vnegq_f32(c), a, b); }

inline Mask is_less(Lanes a, Lanes b) { return vcltq_f32(a, b); }
inline Mask is_not_less(Lanes a, Lanes b) { return vmvnq_u32(vcltq_f32(a, b)); }
inline Lanes select(Mask mask, Lanes yes, Lanes no) { return vbslq_f32(mask, yes, no); }
/// +0 in the other lanes.
inline Lanes keep_where(Mask mask, Lanes x) { return as_floats({vandq_u32(as_integers(x).values, mask)}); }

/// a < b ? a : b and a > b ? a : b. (The instructions for minimum and maximum order the zeros.)
inline Lanes lesser(Lanes a, Lanes b) { return select(is_less(a, b), a, b); }
inline Lanes larger(Lanes a, Lanes b) { return select(is_less(b, a), a, b); }

inline IntegerLanes operator+(IntegerLanes a, IntegerLanes b) { return {vaddq_u32(a.values, b.values)}; }
inline IntegerLanes operator-(IntegerLanes a, IntegerLanes b) { return {vsubq_u32(a.values, b.values)}; }
template <int bits>
inline IntegerLanes shift_left(IntegerLanes x) {
  return {vshlq_n_u32(x.values, bits)};
}
inline IntegerLanes every_integer(std::int32_t value) { return {vdupq_n_u32(static_cast<std::uint32_t>(value))}; }

/// The floats nearest to integers with a sign.
inline Lanes converted(IntegerLanes x) { return vcvtq_f32_s32(vreinterpretq_s32_u32(x.values)); }

inline float first_lane(Lanes x) { return vgetq_lane_f32(x, 0); }

inline uint8x16_t load_bytes(const std::byte* bytes) { return vld1q_u8(reinterpret_cast<const std::uint8_t*>(bytes)); }

inline Lanes load_floats(const std::byte* bytes) { return vreinterpretq_f32_u8(load_bytes(bytes)); }

inline uint16x4_t load_half_words(const std::byte* bytes) {
  return vreinterpret_u16_u8(vld1_u8(reinterpret_cast<const std::uint8_t*>(bytes)));
}

inline Lanes load_halves(const std::byte* bytes) { return vcvt_f32_f16(vreinterpret_f16_u16(load_half_words(bytes))); }

inline Lanes load_bfloats(const std::byte* bytes) {
  return vreinterpretq_f32_u32(vshll_n_u16(load_half_words(bytes), 16));
}

/// Four signed bytes.
inline Lanes load_codes(const std::byte* bytes) {
  std::int32_t four;
  std::memcpy(&four, bytes, 4);
  const int16x8_t wide = vmovl_s8(vreinterpret_s8_s32(vdup_n_s32(four)));
  return vcvtq_f32_s32(vmovl_s16(vget_low_s16(wide)));
}

/// The tree 16 -> 8 -> 4 -> 2 -> 1 (rule 3).
[[gnu::always_inline]] inline float sum_of_lanes(const Lanes (&parts)[4]) {
  const float32x4_t four = (parts[0] + parts[2]) + (parts[1] + parts[3]);
  const float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
  return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
}

/// The largest lane; which of two zeros is of no account.
inline float largest_lane(Lanes lanes) { return vmaxvq_f32(lanes); }

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels::neon
