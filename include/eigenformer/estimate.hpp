// What a model would take, before it is loaded. A light header.
#pragma once

#include <filesystem>
#include <memory>

#include "eigenformer/asset_reader.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/memory_estimate.hpp"
#include "eigenformer/model.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// Reads a folder or a .gguf file as `load` does, but for its matrices and its tokenizer: config, directory of tensors,
/// and what is as small as a norm. Whatever names or shapes are in the way of loading is in the way of this. Throws
/// what `load` throws; LoadOptions::progress is not called.
MemoryEstimate estimate(const std::filesystem::path& path, const LoadOptions& options = {});
Result<MemoryEstimate> try_estimate(const std::filesystem::path& path, const LoadOptions& options = {});
/// The same of what the host reads: a file, or a folder.
MemoryEstimate estimate(std::shared_ptr<const AssetReader> gguf, const LoadOptions& options = {});
Result<MemoryEstimate> try_estimate(std::shared_ptr<const AssetReader> gguf, const LoadOptions& options = {});
MemoryEstimate estimate(std::shared_ptr<const AssetFolder> folder, const LoadOptions& options = {});
Result<MemoryEstimate> try_estimate(std::shared_ptr<const AssetFolder> folder, const LoadOptions& options = {});

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/estimate-inl.hpp"
#endif
