// A file of its own, so that no compiler sees what new and delete are made of where they are called.
#include "tests/c_api/failing_allocator.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

bool is_to_fail(std::size_t bytes) {
  using namespace eigenformer_tests;
  return allocations_left >= 0 && bytes >= smallest_that_fails && allocations_left-- == 0;
}

void* allocate_or_fail(std::size_t bytes, std::size_t alignment) {
  if (is_to_fail(bytes)) throw std::bad_alloc();
  void* memory = std::aligned_alloc(alignment, (bytes / alignment + 1) * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t bytes) { return allocate_or_fail(bytes, alignof(std::max_align_t)); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocate_or_fail(bytes, static_cast<std::size_t>(alignment));
}
// What the standard library's own does; AddressSanitizer's would not come here.
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  try {
    return operator new(bytes);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
