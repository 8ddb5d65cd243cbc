// The cache of keys and values: pages of 32 slots, reference counted, copied on write. It grows as it is used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "eigenformer/core/aligned_buffer.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/kernels/kernel_table.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

using kernels::CacheType;

/// What one sequence keeps: `layers` layers of `kv_heads` heads of `head_dim` values each.
struct CacheLayout {
  std::size_t layers = 0;
  std::size_t kv_heads = 0;
  std::size_t head_dim = 0;
  CacheType type = CacheType::f32;

  /// One tile of keys, or of values (kernels/cache_tile.hpp).
  std::size_t tile_bytes() const { return kernels::cache_tile_bytes(type, head_dim); }
  /// All tiles of 32 slots.
  std::size_t page_bytes() const { return 2 * layers * kv_heads * tile_bytes(); }
  /// What a sequence of that many tokens costs: whole pages.
  std::size_t cache_bytes(std::size_t tokens) const {
    return round_up(tokens, kernels::k_tile_slots) / kernels::k_tile_slots * page_bytes();
  }
  bool operator==(const CacheLayout&) const = default;
};

/// Which tiles: one head of one layer.
struct CacheHead {
  std::size_t layer;
  std::size_t head;
};

/// Keys and values of one sequence. Copies share pages until one of them writes. Not for two threads at a time; several
/// caches that share pages may be used by several threads.
class KvCache {
 public:
  explicit KvCache(const CacheLayout& layout) : layout_(layout) {}

  const CacheLayout& layout() const noexcept { return layout_; }
  /// Slots that are filled.
  std::size_t size() const noexcept { return size_; }
  /// Bytes of the pages it refers to, shared ones too.
  std::size_t bytes() const noexcept { return pages_.size() * layout_.page_bytes(); }
  /// Bytes of the pages that no other cache refers to.
  std::size_t unshared_bytes() const noexcept;

  /// A second sequence with the same past: shares every page, copies nothing.
  KvCache fork() const { return *this; }
  /// Forgets the slots from `size` on. Pages that are no longer needed are released.
  void truncate(std::size_t size);

  /// Keeps the last `count` slots, which become slots 0 .. count - 1 in pages of their own: a memory of keys that know
  /// nothing of where they stood. Throws std::bad_alloc.
  void keep_last(std::size_t count);

  /// Makes slots size() .. end - 1 writable: allocates pages, copies shared ones. Throws std::bad_alloc.
  void prepare(std::size_t end);
  /// Says that slots up to `end` are filled now.
  void commit(std::size_t end) noexcept {
    if (end > size_) size_ = end;
  }

  /// Tile `tile` (slots 32 tile .. 32 tile + 31) of a head. Only after `prepare`.
  std::byte* key_tile(std::size_t tile, CacheHead head) const noexcept {
    return pages_[tile]->data() + 2 * (head.layer * layout_.kv_heads + head.head) * layout_.tile_bytes();
  }
  std::byte* value_tile(std::size_t tile, CacheHead head) const noexcept {
    return key_tile(tile, head) + layout_.tile_bytes();
  }
  std::size_t tiles() const noexcept { return pages_.size(); }

 private:
  CacheLayout layout_;
  std::vector<std::shared_ptr<AlignedBuffer>> pages_;
  std::size_t size_ = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/nn/kv_cache-inl.hpp"
#endif
