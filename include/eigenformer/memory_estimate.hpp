// The memory of a model. A light header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// Memory of a model that is loaded with the same options. Not counted: the tokenizer (some megabytes, most for large
/// vocabularies), and what a step works in (it depends on how many tokens it has).
struct MemoryEstimate {
  std::string architecture;
  std::uint64_t parameters = 0;
  std::uint64_t weight_bytes = 0;          ///< ModelInfo::weight_bytes
  std::uint64_t largest_tensor_bytes = 0;  ///< of the file: what is held beside the weights while they are read
  std::size_t context_length = 0;          ///< ModelInfo::context_length
  std::size_t page_tokens = 0;             ///< keys and values come in pages of so many tokens of a sequence
  std::uint64_t page_bytes = 0;            ///< of one of them; 0 for encoders alone

  /// Model::cache_bytes.
  std::uint64_t cache_bytes(std::size_t tokens) const noexcept {
    return page_tokens == 0 ? 0 : (tokens + page_tokens - 1) / page_tokens * page_bytes;
  }
};

}  // namespace eigenformer::inline EIGENFORMER_ABI
