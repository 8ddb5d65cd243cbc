// The files of torch.save, as pytorch_model.bin is: the zip archives of PyTorch 1.6 and later, and the streams before.
// https://github.com/pytorch/pytorch/blob/v2.9.0/torch/serialization.py
#pragma once

#include <memory>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/byte_source.hpp"
#include "eigenformer/format/tensor_file.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// A state_dict() that torch.save has written. Its tensors may share bytes, have strides, and be empty; entries that
/// are no tensors are passed over. Opening reads the directory alone. FormatError "format.torch_magic",
/// "format.torch_byte_order", those of ZipArchive, of Unpickler and of list_tensors.
std::shared_ptr<const TensorFile> open_torch(std::shared_ptr<const ByteSource> source);

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/torch_file-inl.hpp"
#endif
