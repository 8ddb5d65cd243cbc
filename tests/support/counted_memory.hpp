// How much memory a piece of work takes at most: counted_memory.cpp replaces operator new of the program.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace eigenformer_tests {

/// Bytes that the whole program has allocated now, and at most since the last measurement began.
inline std::atomic<std::size_t> allocated_bytes{0};
inline std::atomic<std::size_t> peak_bytes{0};

/// Most bytes that were allocated at one time while `work` ran, without those that were there before.
template <class Work>
std::size_t peak_of(Work&& work) {
  const std::size_t before = allocated_bytes.load();
  peak_bytes = before;
  std::forward<Work>(work)();
  return peak_bytes.load() - before;
}

}  // namespace eigenformer_tests
