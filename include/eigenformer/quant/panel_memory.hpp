// Memory for the panels of a model, matrix after matrix in blocks of huge pages.
#pragma once

#include <cstddef>
#include <memory>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/huge_pages.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::quant {

/// Hands out pieces of blocks; a block is given back with the last of its pieces. One thread at a time.
class PanelMemory {
 public:
  /// `size` bytes that begin on a cache line, not initialized. Throws std::bad_alloc where there is no memory.
  std::shared_ptr<std::byte> take(std::size_t size);

 private:
  std::shared_ptr<std::byte> block_;
  std::size_t used_ = 0;
  std::size_t block_bytes_ = 0;
  /// Twice the one before, up to 16 MiB: what blocks have left over is little beside the model.
  std::size_t next_block_bytes_ = k_huge_page;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::quant

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/quant/panel_memory-inl.hpp"
#endif
