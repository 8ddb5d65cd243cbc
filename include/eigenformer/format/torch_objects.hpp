// What the pickles of torch.save name: storages, tensors that look at them, ordered dictionaries. Nothing else.
// https://github.com/pytorch/pytorch/blob/v2.9.0/torch/_utils.py,
// https://github.com/pytorch/pytorch/blob/v2.9.0/torch/serialization.py
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/data_type.hpp"
#include "eigenformer/format/pickle.hpp"
#include "eigenformer/format/pickle_value.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// Elements that lie somewhere else in the file.
struct TorchStorage {
  PickleValue key;  ///< a text: its name in the file
  DataType type = DataType::f32;
  std::uint64_t elements = 0;
  std::uint64_t first = 0;   ///< the part that is meant begins here; only files before PyTorch 0.4 have parts
  std::uint64_t viewed = 0;  ///< and has so many elements
};

/// A view of a storage. Size and stride are tuples of as many whole numbers, none of them negative.
struct TorchTensor {
  std::size_t storage = 0;   ///< its number
  std::uint64_t offset = 0;  ///< of the first element
  PickleValue size;
  PickleValue stride;
};

class TorchObjects final : public PickleHost {
 public:
  explicit TorchObjects(PickleHeap& heap) : heap_(heap) {}

  std::optional<PickleValue> global(std::string_view module, std::string_view name) override;
  std::optional<PickleValue> rebuild(PickleValue global, PickleValue arguments) override;
  std::optional<PickleValue> persistent(PickleValue id) override;

  const std::vector<TorchStorage>& storages() const { return storages_; }
  /// Null for any other value.
  const TorchTensor* tensor(PickleValue value) const;

 private:
  std::optional<PickleValue> rebuild_dictionary(PickleValue arguments);
  std::optional<PickleValue> rebuild_tensor(PickleValue arguments, std::size_t most_arguments);
  std::optional<PickleValue> rebuild_parameter(PickleValue arguments) const;
  bool read_part(PickleValue part, TorchStorage& storage) const;
  bool are_sizes(PickleValue value) const;

  PickleHeap& heap_;
  std::vector<TorchStorage> storages_;
  std::vector<TorchTensor> tensors_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/torch_objects-inl.hpp"
#endif
