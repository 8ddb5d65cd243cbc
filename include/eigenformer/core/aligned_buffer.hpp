// Memory of cache-line alignment, owned.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

inline constexpr std::size_t k_cache_line = 64;

/// `size()` bytes that begin on a cache line; not initialized. Throws std::bad_alloc where there is no memory.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size)
      : bytes_(static_cast<std::byte*>(::operator new(size, std::align_val_t{k_cache_line}))), size_(size) {}

  std::byte* data() noexcept { return bytes_.get(); }
  const std::byte* data() const noexcept { return bytes_.get(); }
  std::size_t size() const noexcept { return size_; }

 private:
  struct Release {
    void operator()(std::byte* bytes) const noexcept { ::operator delete(bytes, std::align_val_t{k_cache_line}); }
  };
  std::unique_ptr<std::byte, Release> bytes_;
  std::size_t size_ = 0;
};

/// `value` rounded up to a multiple of `unit`.
constexpr std::size_t round_up(std::size_t value, std::size_t unit) { return (value + unit - 1) / unit * unit; }

}  // namespace eigenformer::inline EIGENFORMER_ABI
