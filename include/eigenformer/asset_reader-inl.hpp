#pragma once

#include <utility>

#include "eigenformer/asset_reader.hpp"
#include "eigenformer/core/attempt.hpp"
#include "eigenformer/loading.hpp"
#include "eigenformer/reader_source.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

EIGENFORMER_INLINE Model load_from_reader(std::shared_ptr<const AssetReader> gguf, const LoadOptions& options) {
  return Model(loading::load_gguf(loading::reader_source(std::move(gguf)), options));
}

EIGENFORMER_INLINE Result<Model> try_load_from_reader(std::shared_ptr<const AssetReader> gguf,
                                                      const LoadOptions& options) {
  return attempt([&] { return load_from_reader(std::move(gguf), options); });
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
