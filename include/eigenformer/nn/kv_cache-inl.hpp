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
