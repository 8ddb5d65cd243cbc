// The weights of a Hugging Face folder, in whichever files they lie.
// https://github.com/huggingface/transformers/blob/v5.0.0/src/transformers/modeling_utils.py
#pragma once

#include <memory>
#include <string>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/folder.hpp"
#include "eigenformer/format/tensor_file.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// What a folder's weights are, and the name of their format: "safetensors" or "PyTorch".
struct WeightFiles {
  std::shared_ptr<const TensorFile> tensors;
  std::string format;
};

/// The first that is there of model.safetensors, model.safetensors.index.json, pytorch_model.bin and
/// pytorch_model.bin.index.json, as transformers looks for them. The files that an index names are one directory.
/// SystemError "system.no_weights" where the folder has none of them; FormatError "format.safetensors_index",
/// "format.torch_index" and "format.tensor_in_two_files" for an index that is not its files'.
WeightFiles open_weight_folder(const Folder& folder);

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/weight_files-inl.hpp"
#endif
