#pragma once

#include <algorithm>
#include <new>

#include "eigenformer/core/aligned_buffer.hpp"
#include "eigenformer/quant/panel_memory.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

namespace panel_memory_detail {

/// A whole number of huge pages.
inline std::shared_ptr<std::byte> new_block(std::size_t bytes) {
  constexpr std::align_val_t k_alignment{k_huge_page};
  auto* const memory = static_cast<std::byte*>(::operator new(bytes, k_alignment));
  std::shared_ptr<std::byte> block(memory,
                                   [](std::byte* given) { ::operator delete(given, std::align_val_t{k_huge_page}); });
  advise_huge_pages(memory, bytes);
  return block;
}

}  // namespace panel_memory_detail

EIGENFORMER_INLINE std::shared_ptr<std::byte> PanelMemory::take(std::size_t size) {
  constexpr std::size_t k_most_block_bytes = std::size_t{16} << 20U;
  const std::size_t rounded = round_up(size, k_cache_line);
  if (rounded > block_bytes_ - used_) {
    const std::size_t next = next_block_bytes_;
    next_block_bytes_ = std::min(2 * next, k_most_block_bytes);
    // What would fill half of it, or more, gets a block of its own: what is left of this one stays for others.
    if (rounded > next / 2) return panel_memory_detail::new_block(round_up(rounded, k_huge_page));
    block_ = panel_memory_detail::new_block(next);
    block_bytes_ = next;
    used_ = 0;
  }
  std::shared_ptr<std::byte> piece(block_, block_.get() + used_);
  used_ += rounded;
  return piece;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant
