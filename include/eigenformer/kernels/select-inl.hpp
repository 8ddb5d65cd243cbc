#pragma once

#include <cstdlib>
#include <string>

#include "eigenformer/error.hpp"
#include "eigenformer/kernels/arm_features.hpp"
#include "eigenformer/kernels/scalar_table.hpp"
#include "eigenformer/kernels/select.hpp"

#if defined(__x86_64__) || defined(_M_X64)
#include "eigenformer/kernels/avx2/avx2_table.hpp"
#include "eigenformer/kernels/avx512/avx512_table.hpp"
#elif defined(__aarch64__) || defined(_M_ARM64)
#include "eigenformer/kernels/neon/neon_table.hpp"
#include "eigenformer/kernels/neon_dotprod/neon_dotprod_table.hpp"
#endif
#if defined(__x86_64__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>

#include "eigenformer/kernels/amx/amx_table.hpp"
#endif
#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(_M_X64)
#include <intrin.h>
#endif

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

namespace select_detail {

inline constexpr InstructionSet k_sets[] = {InstructionSet::scalar, InstructionSet::avx2, InstructionSet::avx512,
                                            InstructionSet::amx,    InstructionSet::neon, InstructionSet::neon_dotprod};

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

inline bool processor_has_neon() {
#if defined(__aarch64__) || defined(_M_ARM64)
  return true;
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

inline std::string available_names() {
  std::string names;
  for (const InstructionSet set : available_instruction_sets()) {
    if (!names.empty()) names += ", ";
    names += instruction_set_name(set);
  }
  return names;
}

}  // namespace select_detail

EIGENFORMER_INLINE std::string_view instruction_set_name(InstructionSet set) {
  switch (set) {
    case InstructionSet::scalar: return "scalar";
    case InstructionSet::avx2: return "avx2";
    case InstructionSet::avx512: return "avx512";
    case InstructionSet::amx: return "amx";
    case InstructionSet::neon: return "neon";
    case InstructionSet::neon_dotprod: return "neon_dotprod";
  }
  return "?";
}

EIGENFORMER_INLINE bool machine_has(InstructionSet set) {
  switch (set) {
    case InstructionSet::scalar: return true;
    case InstructionSet::avx2: return select_detail::processor_has_avx2();
    case InstructionSet::avx512: return select_detail::processor_has_avx512();
    case InstructionSet::amx: return select_detail::processor_has_amx();
    case InstructionSet::neon: return select_detail::processor_has_neon();
    case InstructionSet::neon_dotprod: return processor_has_dot_product();
  }
  return false;
}

EIGENFORMER_INLINE std::vector<InstructionSet> available_instruction_sets() {
  std::vector<InstructionSet> sets;
  for (const InstructionSet set : select_detail::k_sets) {
    if (machine_has(set)) sets.push_back(set);
  }
  return sets;
}

EIGENFORMER_INLINE const KernelTable& kernel_table(InstructionSet set) {
#if defined(__x86_64__) || defined(_M_X64)
  if (set == InstructionSet::avx2) return k_avx2_table;
  if (set == InstructionSet::avx512) return k_avx512_table;
#elif defined(__aarch64__) || defined(_M_ARM64)
  if (set == InstructionSet::neon) return k_neon_table;
  if (set == InstructionSet::neon_dotprod) return k_neon_dotprod_table;
#endif
#if defined(__x86_64__) && defined(__linux__)
  if (set == InstructionSet::amx) return k_amx_table;
#endif
  static_cast<void>(set);
  return k_scalar_table;
}

EIGENFORMER_INLINE const KernelTable& choose_kernels(std::string_view requested) {
  const bool automatic = requested.empty() || requested == "auto";
  const char* const forced = automatic ? std::getenv("EIGENFORMER_ISA") : nullptr;
  const std::string_view name = forced == nullptr ? requested : forced;
  if (name.empty() || name == "auto") return kernel_table(available_instruction_sets().back());
  const std::string where = forced == nullptr ? "isa" : "EIGENFORMER_ISA";
  const std::string remedy = "leave it out, or take one of those";
  for (const InstructionSet set : select_detail::k_sets) {
    if (name != instruction_set_name(set)) continue;
    if (machine_has(set)) return kernel_table(set);
    throw UsageError({.id = "usage.isa_unavailable",
                      .expected = "an instruction set that this machine has (" + select_detail::available_names() + ")",
                      .found = "'" + std::string(name) + "'",
                      .where = where,
                      .remedy = remedy});
  }
  throw UsageError(
      {.id = "usage.unknown_isa",
       .expected = "auto or an instruction set that this machine has (" + select_detail::available_names() + ")",
       .found = "'" + std::string(name) + "'",
       .where = where,
       .remedy = remedy});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels
