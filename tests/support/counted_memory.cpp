// In a file of its own: where g++ can inline one of a pair, it takes malloc and operator delete for a mismatch.
#include "tests/support/counted_memory.hpp"

#include <malloc.h>

#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

// What the block has, not what was asked for: operator delete is not always told the latter. Under AddressSanitizer
// the two are the same.
void* counted_or_null(void* memory) noexcept {
  if (memory == nullptr) return nullptr;
  const std::size_t size = malloc_usable_size(memory);
  const std::size_t now = eigenformer_tests::allocated_bytes.fetch_add(size) + size;
  std::size_t peak = eigenformer_tests::peak_bytes.load();
  while (now > peak && !eigenformer_tests::peak_bytes.compare_exchange_weak(peak, now)) {
  }
  return memory;
}

void* counted(void* memory) { return memory == nullptr ? throw std::bad_alloc() : counted_or_null(memory); }

/// No such block can exist: AddressSanitizer would end the program where malloc returns null.
void* small_enough(std::size_t size) noexcept { return size > PTRDIFF_MAX / 2 ? nullptr : std::malloc(size); }

void* aligned(std::size_t size, std::align_val_t alignment) noexcept {
  const auto unit = static_cast<std::size_t>(alignment);
  return size > PTRDIFF_MAX / 2 ? nullptr : std::aligned_alloc(unit, (size + unit - 1) / unit * unit);
}

void release(void* memory) noexcept {
  if (memory != nullptr) eigenformer_tests::allocated_bytes -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

// Every form, also those that the sanitizers would otherwise answer themselves.
void* operator new(std::size_t size) { return counted(small_enough(size)); }
void* operator new[](std::size_t size) { return counted(small_enough(size)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted_or_null(small_enough(size)); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted_or_null(small_enough(size)); }
void* operator new(std::size_t size, std::align_val_t unit) { return counted(aligned(size, unit)); }
void* operator new[](std::size_t size, std::align_val_t unit) { return counted(aligned(size, unit)); }
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { release(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
