#pragma once

#include <algorithm>
#include <cstring>
#include <utility>

#include "eigenformer/nn/kv_cache.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

namespace kv_cache_detail {

/// A tile is read whole: slots that are not filled yet must be finite.
inline std::shared_ptr<AlignedBuffer> page_of_zeros(std::size_t bytes) {
  auto page = std::make_shared<AlignedBuffer>(bytes);
  std::memset(page->data(), 0, bytes);
  return page;
}

/// One slot of one head: a column of the key tile, a row of the value tile.
struct SlotOf {
  const KvCache& cache;
  CacheHead head;
  std::size_t slot;

  std::size_t in_tile() const noexcept { return slot % kernels::k_tile_slots; }
  std::byte* keys() const noexcept { return cache.key_tile(slot / kernels::k_tile_slots, head); }
  std::byte* values() const noexcept { return cache.value_tile(slot / kernels::k_tile_slots, head); }
  std::byte* key(std::size_t d, std::size_t element) const noexcept {
    return keys() + (d * kernels::k_tile_slots + in_tile()) * element;
  }
  std::byte* value(std::size_t element) const noexcept {
    return values() + in_tile() * cache.layout().head_dim * element;
  }
};

inline void copy(const SlotOf& from, const SlotOf& to) noexcept {
  const CacheLayout& layout = from.cache.layout();
  const std::size_t element = kernels::cache_element_bytes(layout.type);
  for (std::size_t d = 0; d < layout.head_dim; ++d) std::memcpy(to.key(d, element), from.key(d, element), element);
  std::memcpy(to.value(element), from.value(element), layout.head_dim * element);
  for (std::size_t block = 0; block < kernels::cache_scales(layout.type, layout.head_dim); ++block) {
    const std::size_t source = kernels::cache_scale_at(layout.head_dim, block, from.in_tile());
    const std::size_t target = kernels::cache_scale_at(layout.head_dim, block, to.in_tile());
    std::memcpy(to.keys() + target, from.keys() + source, sizeof(float));
    std::memcpy(to.values() + target, from.values() + source, sizeof(float));
  }
}

}  // namespace kv_cache_detail

EIGENFORMER_INLINE std::size_t KvCache::unshared_bytes() const noexcept {
  const auto unshared =
      std::count_if(pages_.begin(), pages_.end(), [](const auto& page) { return page.use_count() == 1; });
  return static_cast<std::size_t>(unshared) * layout_.page_bytes();
}

EIGENFORMER_INLINE void KvCache::truncate(std::size_t size) {
  if (size >= size_) return;
  size_ = size;
  pages_.resize(round_up(size, kernels::k_tile_slots) / kernels::k_tile_slots);
}

EIGENFORMER_INLINE void KvCache::keep_last(std::size_t count) {
  if (count >= size_) return;
  KvCache kept(layout_);
  kept.prepare(count);
  for (std::size_t layer = 0; layer < layout_.layers; ++layer) {
    for (std::size_t head = 0; head < layout_.kv_heads; ++head) {
      for (std::size_t slot = 0; slot < count; ++slot) {
        kv_cache_detail::copy({*this, {layer, head}, size_ - count + slot}, {kept, {layer, head}, slot});
      }
    }
  }
  kept.commit(count);
  *this = std::move(kept);
}

EIGENFORMER_INLINE void KvCache::prepare(std::size_t end) {
  const std::size_t page_bytes = layout_.page_bytes();
  const std::size_t first_written = size_ / kernels::k_tile_slots;
  if (end > size_ && first_written < pages_.size() && pages_[first_written].use_count() > 1) {
    auto copy = std::make_shared<AlignedBuffer>(page_bytes);
    std::memcpy(copy->data(), pages_[first_written]->data(), page_bytes);
    pages_[first_written] = std::move(copy);
  }
  // A failed step leaves pages behind size(); a fork may share them, so those to be written are made anew.
  for (std::size_t page = first_written + 1; page < pages_.size(); ++page) {
    if (pages_[page].use_count() > 1) pages_[page] = kv_cache_detail::page_of_zeros(page_bytes);
  }
  while (pages_.size() * kernels::k_tile_slots < end) pages_.push_back(kv_cache_detail::page_of_zeros(page_bytes));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
