// A short wait before a thread goes to sleep.
#pragma once

#include <atomic>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/word_wait.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// Tells the processor that this thread waits in a loop.
inline void spin_pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield" ::: "memory");
#endif
}

/// Looks at `word` about as long as a small phase takes (some ten microseconds), then sleeps until it differs from
/// `old`.
inline void spin_then_wait(const std::atomic<std::uint32_t>& word, std::uint32_t old) noexcept {
  for (int look = 0; look < 1000; ++look) {
    if (word.load(std::memory_order_acquire) != old) return;
    spin_pause();
  }
  while (word.load(std::memory_order_acquire) == old) wait_for_change(word, old);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
