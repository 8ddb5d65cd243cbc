// The floating-point mode that games set: results and operands below the smallest normal number become zero.
#pragma once

#include <cstdint>
#if defined(__x86_64__) || defined(_M_X64)
#include <xmmintrin.h>
#endif

namespace eigenformer_tests {

/// Sets flush-to-zero and denormals-are-zero on this thread, and restores what was.
class FlushToZero {
 public:
#if defined(__x86_64__) || defined(_M_X64)
  FlushToZero() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040U); }
  ~FlushToZero() { _mm_setcsr(static_cast<unsigned>(before_)); }
#elif defined(__aarch64__)
  FlushToZero() {
    asm volatile("mrs %0, fpcr" : "=r"(before_));
    asm volatile("msr fpcr, %0" ::"r"(before_ | (std::uint64_t{1} << 24U)));
  }
  ~FlushToZero() { asm volatile("msr fpcr, %0" ::"r"(before_)); }
#endif
  FlushToZero(const FlushToZero&) = delete;
  FlushToZero& operator=(const FlushToZero&) = delete;

 private:
#if defined(__x86_64__) || defined(_M_X64)
  unsigned before_ = 0;
#else
  std::uint64_t before_ = 0;
#endif
};

}  // namespace eigenformer_tests
