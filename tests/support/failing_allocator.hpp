// The allocator of a whole test program, its shared libraries included: it counts, and fails when it is told to. For
// programs that failing_allocator.cpp is a part of.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace eigenformer_tests {

/// Of all threads, since the program began.
inline std::atomic<std::size_t> allocation_count{0};
/// Blocks that nobody has freed.
inline std::atomic<std::ptrdiff_t> live_blocks{0};
/// The bytes of these blocks, where the system says how large a block is (glibc); else 0.
inline std::atomic<std::ptrdiff_t> live_bytes{0};
/// The size of the last allocation, for messages.
inline std::atomic<std::size_t> last_allocation_bytes{0};

enum class Failing : std::uint8_t { none, one, from_then_on };

/// From here on the allocation of this number fails (the next one is 1), or that one and all after it.
void fail_allocation(std::size_t number, Failing which);
/// Allocations succeed again. Whether one has failed.
bool stop_failing();

}  // namespace eigenformer_tests
