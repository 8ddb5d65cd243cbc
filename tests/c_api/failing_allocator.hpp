// The operator new of the whole program, that of shared libraries included, which fails when it is told to.
#pragma once

#include <cstddef>

namespace eigenformer_tests {

/// How many allocations of this thread succeed before one fails; below 0: all do.
inline thread_local int allocations_left = -1;
/// Allocations of fewer bytes succeed and are not counted.
inline thread_local std::size_t smallest_that_fails = 0;

}  // namespace eigenformer_tests
