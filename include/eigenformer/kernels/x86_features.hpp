// What an x86 processor offers, and what the operating system lets a program use of it.
#pragma once

#include "eigenformer/core/config.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(_M_X64)
#include <intrin.h>
#endif
#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

/// AVX2, FMA and F16C, and an operating system that saves their registers.
inline bool processor_has_avx2() {
#if defined(__x86_64__)
  // Constructors of other libraries may call us before the compiler's own has looked.
  __builtin_cpu_init();
  unsigned a = 0, b = 0, c = 0, d = 0;
  const bool has_half_conversion = __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & 1U << 29U) != 0;  // no name in clang 16
  return has_half_conversion && __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
#elif defined(_M_X64)
  int leaf[4];
  __cpuid(leaf, 1);
  constexpr int k_fma_saved_by_system_half_conversion = 1 << 12 | 1 << 27 | 1 << 29;
  if ((leaf[2] & k_fma_saved_by_system_half_conversion) != k_fma_saved_by_system_half_conversion) return false;
  __cpuidex(leaf, 7, 0);
  return (leaf[1] & 1 << 5) != 0 && (_xgetbv(0) & 6) == 6;
#else
  return false;
#endif
}

/// AVX-512 F, BW, VL, DQ and VNNI beside AVX2, and an operating system that saves the wide registers and the masks.
inline bool processor_has_avx512() {
#if defined(__x86_64__)
  // The compiler's own look includes that of XCR0: without its bits for masks and zmm it reports no AVX-512.
  return processor_has_avx2() && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512dq") != 0 &&
         __builtin_cpu_supports("avx512vnni") != 0;
#elif defined(_M_X64)
  if (!processor_has_avx2()) return false;
  int leaf[4];
  __cpuidex(leaf, 7, 0);
  constexpr unsigned k_f_dq_bw_vl = 1U << 16U | 1U << 17U | 1U << 30U | 1U << 31U;
  constexpr unsigned k_vnni = 1U << 11U;
  if ((static_cast<unsigned>(leaf[1]) & k_f_dq_bw_vl) != k_f_dq_bw_vl) return false;
  constexpr unsigned k_sse_avx_masks_zmm = 0xE6;
  return (static_cast<unsigned>(leaf[2]) & k_vnni) != 0 && (_xgetbv(0) & k_sse_avx_masks_zmm) == k_sse_avx_masks_zmm;
#else
  return false;
#endif
}

#if defined(__x86_64__) && defined(__linux__)

/// Tiles, their 8-bit products, and an operating system that knows their registers.
inline bool processor_has_tiles() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned k_tile_int8 = 1U << 24U | 1U << 25U;
  if (!processor_has_avx512() || __get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
  if ((d & k_tile_int8) != k_tile_int8) return false;
  unsigned saved = 0, saved_high = 0;
  asm("xgetbv" : "=a"(saved), "=d"(saved_high) : "c"(0));
  constexpr unsigned k_tile_configuration_and_data = 1U << 17U | 1U << 18U;
  return (saved & k_tile_configuration_and_data) == k_tile_configuration_and_data;
}

/// Linux lets a process use tiles when it has asked, because they make the frames of its signals 8 KiB larger: it
/// refuses where an alternative stack is too small for that, and such a stack is refused from then on. Asked once.
/// https://docs.kernel.org/arch/x86/xstate.html
inline bool processor_has_amx() {
  constexpr int k_request_permission = 0x1023;  // ARCH_REQ_XCOMP_PERM, since Linux 5.16
  constexpr int k_tile_data = 18;
  static const bool is_permitted =
      processor_has_tiles() && syscall(SYS_arch_prctl, k_request_permission, k_tile_data) == 0;
  return is_permitted;
}

#else
inline bool processor_has_amx() { return false; }
#endif

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels
