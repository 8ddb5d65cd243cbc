// Sleeping until a word changes, and waking who sleeps.
#pragma once

#include <atomic>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/windows_calls.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

// On Windows libstdc++ 12 sleeps on a condition variable, and looks at the word before it holds the lock: whoever is
// woken in between sleeps on for ever. So the system's own calls are taken there.
#if defined(_WIN32)

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

/// Sleeps until somebody wakes those who wait for `word`, or not at all where it is not `old`. May wake by itself.
inline void wait_for_change(const std::atomic<std::uint32_t>& word, std::uint32_t old) noexcept {
  ::WaitOnAddress(const_cast<std::atomic<std::uint32_t>*>(&word), &old, sizeof old, INFINITE);
}
inline void wake_one(std::atomic<std::uint32_t>& word) noexcept { ::WakeByAddressSingle(&word); }
inline void wake_all(std::atomic<std::uint32_t>& word) noexcept { ::WakeByAddressAll(&word); }

#else

/// Sleeps until somebody wakes those who wait for `word`, or not at all where it is not `old`. May wake by itself.
inline void wait_for_change(const std::atomic<std::uint32_t>& word, std::uint32_t old) noexcept {
  word.wait(old, std::memory_order_acquire);
}
inline void wake_one(std::atomic<std::uint32_t>& word) noexcept { word.notify_one(); }
inline void wake_all(std::atomic<std::uint32_t>& word) noexcept { word.notify_all(); }

#endif

}  // namespace eigenformer::inline EIGENFORMER_ABI
