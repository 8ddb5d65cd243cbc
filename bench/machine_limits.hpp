// What the machine can do at most: read bandwidth, fused multiply-adds of AVX2, and 8-bit multiply-adds of AVX2 or in
// the tiles of AMX, for a number of threads. Measured with loops that do nothing else.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "eigenformer/kernels/target.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif
#if defined(__x86_64__) && defined(__linux__)
#include "eigenformer/kernels/amx/machine_tiles.hpp"
#endif

namespace bench {

/// What multiplies 8-bit integers.
enum class IntegerUnit { vectors, tiles };

struct MachineLimits {
  double bytes_per_second = 0;
  double float_operations_per_second = 0;    ///< two a fused multiply-add
  double integer_operations_per_second = 0;  ///< two an 8-bit product that is added
};

}  // namespace bench

#if defined(__x86_64__)
EIGENFORMER_TARGET_BEGIN("avx2,fma")
namespace bench::limits_avx2 {

inline __m256 start(float value) { return _mm256_set1_ps(value); }

/// Twelve independent chains (from different starts, or they would be merged) hide the latency; returns something that
/// keeps the compiler from dropping them.
inline float multiply_add(std::size_t rounds) {
  __m256 a = _mm256_set1_ps(0.999F), b = _mm256_set1_ps(1e-7F);
  __m256 s0 = start(0), s1 = start(1), s2 = start(2), s3 = start(3), s4 = start(4), s5 = start(5);
  __m256 s6 = start(6), s7 = start(7), s8 = start(8), s9 = start(9), s10 = start(10), s11 = start(11);
  for (std::size_t i = 0; i < rounds; ++i) {
    s0 = _mm256_fmadd_ps(s0, a, b), s1 = _mm256_fmadd_ps(s1, a, b), s2 = _mm256_fmadd_ps(s2, a, b);
    s3 = _mm256_fmadd_ps(s3, a, b), s4 = _mm256_fmadd_ps(s4, a, b), s5 = _mm256_fmadd_ps(s5, a, b);
    s6 = _mm256_fmadd_ps(s6, a, b), s7 = _mm256_fmadd_ps(s7, a, b), s8 = _mm256_fmadd_ps(s8, a, b);
    s9 = _mm256_fmadd_ps(s9, a, b), s10 = _mm256_fmadd_ps(s10, a, b), s11 = _mm256_fmadd_ps(s11, a, b);
  }
  const __m256 all = s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11;
  return _mm256_cvtss_f32(all);
}
inline constexpr double k_multiply_add_operations = 12 * 8 * 2;

/// maddubs and the 16-bit addition that goes with it.
inline int multiply_bytes(std::size_t rounds) {
  __m256i w = _mm256_set1_epi8(3);
  __m256i x0 = _mm256_set1_epi8(1), x1 = _mm256_set1_epi8(2), x2 = _mm256_set1_epi8(3), x3 = _mm256_set1_epi8(4);
  __m256i s0 = w, s1 = w, s2 = w, s3 = w, s4 = w, s5 = w, s6 = w, s7 = w;
  for (std::size_t i = 0; i < rounds; ++i) {
    s0 = _mm256_add_epi16(s0, _mm256_maddubs_epi16(w, x0)), s1 = _mm256_add_epi16(s1, _mm256_maddubs_epi16(w, x1));
    s2 = _mm256_add_epi16(s2, _mm256_maddubs_epi16(w, x2)), s3 = _mm256_add_epi16(s3, _mm256_maddubs_epi16(w, x3));
    w = _mm256_xor_si256(w, x0);
    s4 = _mm256_add_epi16(s4, _mm256_maddubs_epi16(w, x0)), s5 = _mm256_add_epi16(s5, _mm256_maddubs_epi16(w, x1));
    s6 = _mm256_add_epi16(s6, _mm256_maddubs_epi16(w, x2)), s7 = _mm256_add_epi16(s7, _mm256_maddubs_epi16(w, x3));
    w = _mm256_xor_si256(w, x1);
  }
  const __m256i all = _mm256_add_epi16(_mm256_add_epi16(_mm256_add_epi16(s0, s1), _mm256_add_epi16(s2, s3)),
                                       _mm256_add_epi16(_mm256_add_epi16(s4, s5), _mm256_add_epi16(s6, s7)));
  return _mm256_extract_epi16(all, 0) + _mm256_extract_epi16(all, 9);
}
inline constexpr double k_multiply_bytes_operations = 8 * 32 * 2;

inline __m256i at(const std::byte* bytes, std::size_t i) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + i));
}

/// Reads every cache line once.
inline int read(const std::byte* bytes, std::size_t size) {
  __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
  for (std::size_t i = 0; i + 128 <= size; i += 128) {
    a = _mm256_xor_si256(a, at(bytes, i)), b = _mm256_xor_si256(b, at(bytes, i + 32));
    c = _mm256_xor_si256(c, at(bytes, i + 64)), d = _mm256_xor_si256(d, at(bytes, i + 96));
  }
  const __m256i all = _mm256_xor_si256(_mm256_xor_si256(a, b), _mm256_xor_si256(c, d));
  return _mm256_extract_epi32(all, 0) + _mm256_extract_epi32(all, 5);
}

}  // namespace bench::limits_avx2
EIGENFORMER_TARGET_END
#endif

#if defined(__x86_64__) && defined(__linux__)
EIGENFORMER_TARGET_BEGIN("amx-tile,amx-int8")
namespace bench::limits_amx {

/// Six products of whole tiles that do not wait for each other; on a machine that has amx.
inline int multiply_tiles(std::size_t rounds) {
  eigenformer::kernels::amx::TileConfiguration whole;
  whole.palette = 1;
  std::fill_n(whole.rows, 8, std::uint8_t{16});
  std::fill_n(whole.row_bytes, 8, std::uint16_t{64});
  const eigenformer::kernels::amx::MachineTiles tiles(whole);  // zeros
  for (std::size_t i = 0; i < rounds; ++i) {
    _tile_dpbssd(0, 6, 7);
    _tile_dpbssd(1, 6, 7);
    _tile_dpbssd(2, 6, 7);
    _tile_dpbssd(3, 6, 7);
    _tile_dpbssd(4, 6, 7);
    _tile_dpbssd(5, 6, 7);
  }
  std::int32_t dots[256];
  _tile_stored(0, dots, 64);
  return dots[0];
}
inline constexpr double k_multiply_tiles_operations = 6.0 * 16 * 16 * 64 * 2;

}  // namespace bench::limits_amx
EIGENFORMER_TARGET_END
#endif

namespace bench {

/// The best of several rounds of `work(thread)` on `threads` threads, in seconds.
template <class Work>
double fastest(int threads, const Work& work) {
  double best = 1e9;
  for (int round = 0; round < 40; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    std::vector<std::thread> others;
    for (int thread = 1; thread < threads; ++thread) others.emplace_back([&work, thread] { work(thread); });
    work(0);
    for (std::thread& other : others) other.join();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

inline MachineLimits measure_limits(int threads, [[maybe_unused]] IntegerUnit unit) {
  MachineLimits limits;
#if defined(__x86_64__)
  constexpr std::size_t k_rounds = 500000;
  constexpr std::size_t k_bytes = std::size_t{64} << 20U;  // a thread; beyond every cache
  std::vector<int> sink(static_cast<std::size_t>(threads) * 64);
  const auto keep = [&sink](int thread, int value) { sink[static_cast<std::size_t>(thread) * 64] += value; };
  limits.float_operations_per_second =
      threads * limits_avx2::k_multiply_add_operations * k_rounds /
      fastest(threads, [&](int thread) { keep(thread, static_cast<int>(limits_avx2::multiply_add(k_rounds))); });
  limits.integer_operations_per_second =
      threads * limits_avx2::k_multiply_bytes_operations * k_rounds /
      fastest(threads, [&](int thread) { keep(thread, limits_avx2::multiply_bytes(k_rounds)); });
#if defined(__linux__)
  constexpr std::size_t k_tile_rounds = k_rounds / 10;
  if (unit == IntegerUnit::tiles) {
    limits.integer_operations_per_second =
        threads * limits_amx::k_multiply_tiles_operations * k_tile_rounds /
        fastest(threads, [&](int thread) { keep(thread, limits_amx::multiply_tiles(k_tile_rounds)); });
  }
#endif
  const std::vector<std::byte> memory(k_bytes * static_cast<std::size_t>(threads) + 64, std::byte{1});
  const std::byte* begin = memory.data() + (64 - reinterpret_cast<std::uintptr_t>(memory.data()) % 64);
  limits.bytes_per_second =
      threads * static_cast<double>(k_bytes) / fastest(threads, [&](int thread) {
        keep(thread, limits_avx2::read(begin + static_cast<std::size_t>(thread) * k_bytes, k_bytes));
      });
#endif
  return limits;
}

}  // namespace bench
