// From the dictionary that a pickle of torch.save holds to the directory of a tensor file.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/byte_source.hpp"
#include "eigenformer/format/pickle_value.hpp"
#include "eigenformer/format/tensor_file.hpp"
#include "eigenformer/format/torch_objects.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// Where a storage's bytes lie in the file.
struct StoragePlace {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

/// Finds a storage by its key; throws "format.torch_storage" where the file has none of that key.
using FindStorage = std::function<StoragePlace(const TorchStorage&)>;

/// Throws "format.torch_storage".
[[noreturn]] void throw_bad_storage(const std::string& found, const std::string& where);

/// The tensors of a dictionary, in its order; its other entries are passed over. FormatError "format.torch_state_dict"
/// where it holds none, "format.torch_storage", "format.torch_view" for a tensor that reaches outside of its storage,
/// and "format.torch_size" where tensors that repeat or share elements are far larger together than the file.
std::vector<TensorEntry> list_tensors(PickleValue root, const PickleHeap& heap, const TorchObjects& objects,
                                      const ByteSource& source, const FindStorage& find);

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/torch_directory-inl.hpp"
#endif
