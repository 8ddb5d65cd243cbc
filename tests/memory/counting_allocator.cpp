// In a file of its own: where g++ can inline one of a pair, it takes malloc and operator delete for a mismatch.
#include "tests/memory/counting_allocator.hpp"

#include <cstdlib>
#include <new>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace {

std::size_t bytes_of([[maybe_unused]] void* memory) {
#if defined(__GLIBC__)
  return malloc_usable_size(memory);
#else
  return 0;
#endif
}

void* counted(void* memory, std::size_t size) {
  if (memory == nullptr) throw std::bad_alloc();
  eigenformer_tests::allocation_count.fetch_add(1, std::memory_order_relaxed);
  eigenformer_tests::last_allocation_bytes.store(size, std::memory_order_relaxed);
  eigenformer_tests::live_allocations.fetch_add(1, std::memory_order_relaxed);
  eigenformer_tests::live_bytes.fetch_add(bytes_of(memory), std::memory_order_relaxed);
  return memory;
}

void freed(void* memory) {
  if (memory == nullptr) return;
  eigenformer_tests::live_allocations.fetch_sub(1, std::memory_order_relaxed);
  eigenformer_tests::live_bytes.fetch_sub(bytes_of(memory), std::memory_order_relaxed);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return counted(std::malloc(size == 0 ? 1 : size), size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  return counted(std::aligned_alloc(unit, (size + unit - 1) / unit * unit), size);
}
void operator delete(void* memory) noexcept { freed(memory); }
void operator delete(void* memory, std::size_t) noexcept { freed(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { freed(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { freed(memory); }
