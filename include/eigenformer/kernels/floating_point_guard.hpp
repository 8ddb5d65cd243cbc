// The floating-point environment of a task (rule 8): games flush subnormals and change rounding, the kernels must not
// notice.
#pragma once

#include "eigenformer/core/config.hpp"

#if defined(__x86_64__) || defined(_M_X64)
#include <xmmintrin.h>
#elif defined(__aarch64__)
#include <cstdint>
#else
#include <cfenv>
#endif

namespace eigenformer::inline EIGENFORMER_ABI::kernels {

#if defined(__x86_64__) || defined(_M_X64)

/// While it lives: round to nearest, subnormals kept, no traps. Then whatever the thread had before.
///
/// Compilers may move plain arithmetic over the change, so the arithmetic belongs into functions called through the
/// kernel table.
class FloatingPointGuard {
 public:
  FloatingPointGuard() noexcept : before_(_mm_getcsr()) { _mm_setcsr(k_all_exceptions_masked); }
  ~FloatingPointGuard() { _mm_setcsr(before_); }
  FloatingPointGuard(const FloatingPointGuard&) = delete;
  FloatingPointGuard& operator=(const FloatingPointGuard&) = delete;

 private:
  static constexpr unsigned k_all_exceptions_masked = 0x1F80;
  unsigned before_;
};

#elif defined(__aarch64__)

class FloatingPointGuard {
 public:
  FloatingPointGuard() noexcept {
    asm volatile("mrs %0, fpcr" : "=r"(before_)::"memory");
    asm volatile("msr fpcr, %0" ::"r"(std::uint64_t{0}) : "memory");
  }
  ~FloatingPointGuard() { asm volatile("msr fpcr, %0" ::"r"(before_) : "memory"); }
  FloatingPointGuard(const FloatingPointGuard&) = delete;
  FloatingPointGuard& operator=(const FloatingPointGuard&) = delete;

 private:
  std::uint64_t before_;
};

#else

class FloatingPointGuard {
 public:
  FloatingPointGuard() noexcept {
    std::fegetenv(&before_);
    std::fesetenv(FE_DFL_ENV);
  }
  ~FloatingPointGuard() { std::fesetenv(&before_); }
  FloatingPointGuard(const FloatingPointGuard&) = delete;
  FloatingPointGuard& operator=(const FloatingPointGuard&) = delete;

 private:
  std::fenv_t before_;
};

#endif

}  // namespace eigenformer::inline EIGENFORMER_ABI::kernels
