// What the program asks the C++ allocator for: counting_allocator.cpp replaces operator new.
#pragma once

#include <atomic>
#include <cstddef>

namespace eigenformer_tests {

/// Allocations of all threads since the program began.
inline std::atomic<std::size_t> allocation_count{0};
/// The size of the last one, for messages.
inline std::atomic<std::size_t> last_allocation_bytes{0};
/// What has not been given back.
inline std::atomic<std::size_t> live_allocations{0};
/// The bytes of it, where the system says how large a block is (glibc); else 0.
inline std::atomic<std::size_t> live_bytes{0};

}  // namespace eigenformer_tests
