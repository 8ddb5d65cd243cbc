// From files to a ModelState: for the library's own rooms, not for users.
#pragma once

#include <filesystem>
#include <memory>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/byte_source.hpp"
#include "eigenformer/format/folder.hpp"
#include "eigenformer/memory_estimate.hpp"
#include "eigenformer/model_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::loading {

/// A Hugging Face folder, or a GGUF file.
std::shared_ptr<const ModelState> load_path(const std::filesystem::path& path, const LoadOptions& options);
std::shared_ptr<const ModelState> load_folder(const format::Folder& folder, const LoadOptions& options);
std::shared_ptr<const ModelState> load_gguf(std::shared_ptr<const format::ByteSource> source,
                                            const LoadOptions& options);

/// What they would take: nothing is read but configs, directories of tensors, and tensors that are no matrices.
MemoryEstimate estimate_path(const std::filesystem::path& path, const LoadOptions& options);
MemoryEstimate estimate_folder(const format::Folder& folder, const LoadOptions& options);
MemoryEstimate estimate_gguf(std::shared_ptr<const format::ByteSource> source, const LoadOptions& options);

/// Tokenizer and chat template of a folder or a GGUF file: no weights are read, and the folder needs none. A tokenizer
/// that is not understood is no failure of this call.
TextParts load_text_parts(const std::filesystem::path& path);

}  // namespace eigenformer::inline EIGENFORMER_ABI::loading

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/loading-inl.hpp"
#endif
