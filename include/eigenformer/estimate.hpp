// What a model would take, before it is loaded. A light header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "eigenformer/asset_reader.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/model.hpp"

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

/// Reads a folder or a .gguf file as `load` does, but for its matrices and its tokenizer: config, directory of tensors,
/// and what is as small as a norm. Whatever names or shapes are in the way of loading is in the way of this. Throws
/// what `load` throws.
MemoryEstimate estimate(const std::filesystem::path& path, const LoadOptions& options = {});
Result<MemoryEstimate> try_estimate(const std::filesystem::path& path, const LoadOptions& options = {});
/// The same of a file that the host reads.
MemoryEstimate estimate(std::shared_ptr<const AssetReader> gguf, const LoadOptions& options = {});
Result<MemoryEstimate> try_estimate(std::shared_ptr<const AssetReader> gguf, const LoadOptions& options = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/estimate-inl.hpp"
#endif
