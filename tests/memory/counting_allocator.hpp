// What the program asks the C++ allocator for: counting_allocator.cpp replaces operator new.
#pragma once

#include <atomic>
#include <cstddef>

namespace eigenformer_tests {

/// Allocations of all threads since the program began.
inline std::atomic<std::size_t> allocation_count{0};
/// The size of the last one, for messages.
inline std::atomic<std::size_t> last_allocation_bytes{0};

}  // namespace eigenformer_tests
