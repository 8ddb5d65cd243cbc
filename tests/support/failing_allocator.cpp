// A file of its own: where a compiler sees what new and delete are made of, g++ takes malloc and operator delete for a
// mismatch.
#include "tests/support/failing_allocator.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace eigenformer_tests {

namespace {

std::atomic<Failing> failing{Failing::none};
std::atomic<std::int64_t> number_left{0};
std::atomic<bool> has_failed{false};

/// Whether the allocation that is asked for is to fail.
bool fails() {
  const Failing which = failing.load(std::memory_order_relaxed);
  if (which == Failing::none) return false;
  const std::int64_t number = number_left.fetch_sub(1, std::memory_order_relaxed);
  if (number > 1 || (number < 1 && which == Failing::one)) return false;
  has_failed.store(true, std::memory_order_relaxed);
  errno = ENOMEM;
  return true;
}

std::ptrdiff_t bytes_of([[maybe_unused]] void* memory) {
#if defined(__GLIBC__)
  return static_cast<std::ptrdiff_t>(malloc_usable_size(memory));
#else
  return 0;
#endif
}

void* counted(void* memory, std::size_t bytes) {
  if (memory == nullptr) return nullptr;
  allocation_count.fetch_add(1, std::memory_order_relaxed);
  live_blocks.fetch_add(1, std::memory_order_relaxed);
  live_bytes.fetch_add(bytes_of(memory), std::memory_order_relaxed);
  last_allocation_bytes.store(bytes, std::memory_order_relaxed);
  return memory;
}

void count_freed(std::ptrdiff_t bytes) {
  live_blocks.fetch_sub(1, std::memory_order_relaxed);
  live_bytes.fetch_sub(bytes, std::memory_order_relaxed);
}

void count_freed(void* memory) {
  if (memory != nullptr) count_freed(bytes_of(memory));
}

}  // namespace

void fail_allocation(std::size_t number, Failing which) {
  has_failed.store(false);
  number_left.store(static_cast<std::int64_t>(number));
  failing.store(which);
}

bool stop_failing() {
  failing.store(Failing::none);
  return has_failed.load();
}

}  // namespace eigenformer_tests

using eigenformer_tests::bytes_of;
using eigenformer_tests::count_freed;
using eigenformer_tests::counted;
using eigenformer_tests::fails;

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

// Every way to memory ends here: operator new in all its forms, the C libraries, and what exceptions are made in.
extern "C" {

void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* memory, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);
void __libc_free(void* memory);

void* malloc(std::size_t bytes) noexcept { return fails() ? nullptr : counted(__libc_malloc(bytes), bytes); }
void* calloc(std::size_t count, std::size_t bytes) noexcept {
  return fails() ? nullptr : counted(__libc_calloc(count, bytes), count * bytes);
}
void* realloc(void* memory, std::size_t bytes) noexcept {
  if (fails()) return nullptr;
  const std::ptrdiff_t before = bytes_of(memory);
  void* const moved = __libc_realloc(memory, bytes);
  if (memory != nullptr && (moved != nullptr || bytes == 0)) count_freed(before);
  return counted(moved, bytes);
}
void* memalign(std::size_t alignment, std::size_t bytes) noexcept {
  return fails() ? nullptr : counted(__libc_memalign(alignment, bytes), bytes);
}
void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept { return memalign(alignment, bytes); }
int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) noexcept {
  void* const made = memalign(alignment, bytes);
  if (made == nullptr) return ENOMEM;
  *memory = made;
  return 0;
}
void free(void* memory) noexcept {
  count_freed(memory);
  __libc_free(memory);
}

}  // extern "C"

#else

// Sanitizers have a malloc of their own, and other systems no other names for it: what C++ asks for, then.
namespace {

void* allocate(std::size_t bytes, std::size_t alignment) {
  if (fails()) throw std::bad_alloc();
  void* const memory = counted(std::aligned_alloc(alignment, (bytes / alignment + 1) * alignment), bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void release(void* memory) {
  count_freed(memory);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t bytes) { return allocate(bytes, alignof(std::max_align_t)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocate(bytes, static_cast<std::size_t>(alignment));
}
// What the standard library's own does; AddressSanitizer's would not come here.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  try {
    return operator new(bytes);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }

#endif
