#pragma once

#include <utility>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/estimate.hpp"
#include "eigenformer/loading.hpp"
#include "eigenformer/reader_source.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

EIGENFORMER_INLINE MemoryEstimate estimate(const std::filesystem::path& path, const LoadOptions& options) {
  return loading::estimate_path(path, options);
}

EIGENFORMER_INLINE Result<MemoryEstimate> try_estimate(const std::filesystem::path& path, const LoadOptions& options) {
  return attempt([&] { return estimate(path, options); });
}

EIGENFORMER_INLINE MemoryEstimate estimate(std::shared_ptr<const AssetReader> gguf, const LoadOptions& options) {
  return loading::estimate_gguf(loading::reader_source(std::move(gguf)), options);
}

EIGENFORMER_INLINE Result<MemoryEstimate> try_estimate(std::shared_ptr<const AssetReader> gguf,
                                                       const LoadOptions& options) {
  return attempt([&] { return estimate(std::move(gguf), options); });
}

EIGENFORMER_INLINE MemoryEstimate estimate(std::shared_ptr<const AssetFolder> folder, const LoadOptions& options) {
  return loading::estimate_folder(loading::reader_folder(std::move(folder)), options);
}

EIGENFORMER_INLINE Result<MemoryEstimate> try_estimate(std::shared_ptr<const AssetFolder> folder,
                                                       const LoadOptions& options) {
  return attempt([&] { return estimate(std::move(folder), options); });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
