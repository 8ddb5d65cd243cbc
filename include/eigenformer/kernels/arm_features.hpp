// What an ARM processor offers beyond NEON, as its operating system says: processors have no register for it that a
// program may read.
#pragma once

#include <cstddef>

#include "eigenformer/core/config.hpp"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>
#elif defined(_M_ARM64)
extern "C" __declspec(dllimport) int __stdcall IsProcessorFeaturePresent(unsigned long feature);
#endif

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

inline bool processor_has_neon() {
#if defined(__aarch64__) || defined(_M_ARM64)
  return true;
#else
  return false;
#endif
}

/// sdot and udot (FEAT_DotProd), which ARMv8.2 may have and ARMv8.4 has.
inline bool processor_has_dot_product() {
#if defined(__ARM_FEATURE_DOTPROD)
  return true;  // or this program would not run
#elif defined(__aarch64__) && defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#elif defined(__aarch64__) && defined(__APPLE__)
  int has = 0;
  std::size_t size = sizeof(has);
  return sysctlbyname("hw.optional.arm.FEAT_DotProd", &has, &size, nullptr, 0) == 0 && has != 0;
#elif defined(_M_ARM64)
  constexpr unsigned long k_dot_product_instructions = 43;  // PF_ARM_V82_DP_INSTRUCTIONS_AVAILABLE of winnt.h
  return IsProcessorFeaturePresent(k_dot_product_instructions) != 0;
#else
  return false;
#endif
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels
