// In a file of its own: where g++ can inline one of a pair, it takes malloc and operator delete for a mismatch.
#include "tests/support/counted_memory.hpp"

#include <malloc.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace {

// What the block has, not what was asked for: operator delete is not always told the latter. Under AddressSanitizer
// the two are the same.
#if defined(_WIN32)
std::size_t size_of(void* memory) noexcept { return _msize(memory); }
// There malloc's blocks alone can be asked for their size: an aligned one stands in such a block, whose address is
// before it.
void*& block_of(void* memory) noexcept { return static_cast<void**>(memory)[-1]; }
std::size_t size_of_aligned(void* memory) noexcept { return _msize(block_of(memory)); }
void* allocate(std::size_t size, std::size_t unit) noexcept {
  std::size_t space = size + unit + sizeof(void*);
  void* const block = std::malloc(space);
  if (block == nullptr) return nullptr;
  void* place = static_cast<void**>(block) + 1;
  std::align(unit, size, place, space);
  block_of(place) = block;
  return place;
}
void free_aligned(void* memory) noexcept { std::free(block_of(memory)); }
#else
std::size_t size_of(void* memory) noexcept { return malloc_usable_size(memory); }
std::size_t size_of_aligned(void* memory) noexcept { return malloc_usable_size(memory); }
void* allocate(std::size_t size, std::size_t unit) noexcept {
  return std::aligned_alloc(unit, (size + unit - 1) / unit * unit);
}
void free_aligned(void* memory) noexcept { std::free(memory); }
#endif

void count(std::size_t size) noexcept {
  const std::size_t now = eigenformer_tests::allocated_bytes.fetch_add(size) + size;
  std::size_t peak = eigenformer_tests::peak_bytes.load();
  while (now > peak && !eigenformer_tests::peak_bytes.compare_exchange_weak(peak, now)) {
  }
}

/// No such block can exist: AddressSanitizer would end the program where malloc returns null.
bool is_too_large(std::size_t size) noexcept { return size > PTRDIFF_MAX / 2; }

void* counted_or_null(std::size_t size) noexcept {
  void* const memory = is_too_large(size) ? nullptr : std::malloc(size);
  if (memory != nullptr) count(size_of(memory));
  return memory;
}

void* counted(std::size_t size) {
  void* const memory = counted_or_null(size);
  return memory == nullptr ? throw std::bad_alloc() : memory;
}

void* counted(std::size_t size, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  void* const memory = is_too_large(size) ? nullptr : allocate(size, unit);
  if (memory == nullptr) throw std::bad_alloc();
  count(size_of_aligned(memory));
  return memory;
}

void release(void* memory) noexcept {
  if (memory != nullptr) eigenformer_tests::allocated_bytes -= size_of(memory);
  std::free(memory);
}

void release_aligned(void* memory) noexcept {
  if (memory == nullptr) return;
  eigenformer_tests::allocated_bytes -= size_of_aligned(memory);
  free_aligned(memory);
}

}  // namespace

// Every form, also those that the sanitizers would otherwise answer themselves.
void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted_or_null(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted_or_null(size); }
void* operator new(std::size_t size, std::align_val_t unit) { return counted(size, unit); }
void* operator new[](std::size_t size, std::align_val_t unit) { return counted(size, unit); }
void operator delete(void* memory) noexcept { release(memory); }
void operator delete[](void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { release(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release_aligned(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { release_aligned(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release_aligned(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { release_aligned(memory); }
