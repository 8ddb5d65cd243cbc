#pragma once

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/format/torch_directory.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace torch_directory_detail {

inline constexpr std::size_t k_most_tensors = std::size_t{1} << 18U;

/// Several names for one storage and elements that are repeated by a stride of zero are legitimate, so that the tensors
/// may hold more bytes than the file. This is how many.
constexpr std::uint64_t most_bytes(std::uint64_t file_bytes) { return 16 * file_bytes + (std::uint64_t{1} << 20U); }

inline std::string_view kind_name(PickleValue value) {
  switch (value.kind) {
    case PickleKind::dictionary: return "a dictionary";
    case PickleKind::list: return "a list";
    case PickleKind::tuple: return "a tuple";
    case PickleKind::object: return "a tensor or storage";
    default: return "a plain value";
  }
}

[[noreturn]] inline void bad_state_dict(const std::string& found, const ByteSource& source) {
  throw FormatError({.id = "format.torch_state_dict",
                     .expected = "a dictionary from names to tensors, as state_dict() gives it",
                     .found = found,
                     .where = source.name(),
                     .remedy = "save the model's state_dict() with torch.save, and nothing around it"});
}

/// "a dictionary without tensors", and which of its entries may be the one that is meant.
inline std::string without_tensors(PickleValue root, const PickleHeap& heap) {
  std::string found = "a dictionary without tensors";
  const std::span<const PickleValue> items = heap.items(root);
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    if (items[i].kind != PickleKind::text || items[i + 1].kind != PickleKind::dictionary) continue;
    return found + ", whose entry " + in_quotes(heap.text(items[i])) + " is another dictionary";
  }
  return found;
}

/// Makes entries and adds up what they take.
class Lister {
 public:
  Lister(const PickleHeap& heap, const TorchObjects& objects, const ByteSource& source, const FindStorage& find)
      : heap_(heap), objects_(objects), source_(source), find_(find) {}

  TensorEntry entry(PickleValue name, const TorchTensor& tensor) {
    TensorEntry entry;
    entry.name = heap_.text(name);
    const std::string where = source_.name() + ", tensor " + printable(entry.name);
    const TorchStorage& storage = objects_.storages()[tensor.storage];
    entry.type = storage.type;
    entry.shape = sizes(tensor.size);
    entry.strides = sizes(tensor.stride);
    const std::uint64_t element = block_bytes(storage.type);
    const StoragePlace place = find_(storage);
    if (place.bytes != checked_multiply(storage.elements, element, where)) {
      throw_bad_storage(std::to_string(place.bytes) + " bytes for " + std::to_string(storage.elements) +
                            " elements of type " + std::string(data_type_name(storage.type)),
                        where);
    }
    entry.offset = place.offset;
    if (std::find(entry.shape.begin(), entry.shape.end(), 0) == entry.shape.end()) {
      check_view(entry, tensor.offset, storage.viewed, where);
      entry.offset += (storage.first + tensor.offset) * element;
      entry.bytes = element;
      for (const std::int64_t size : entry.shape) {
        entry.bytes = checked_multiply(entry.bytes, static_cast<std::uint64_t>(size), where);
      }
    }
    if (is_row_by_row(entry)) entry.strides.clear();
    add(entry.bytes, where);
    return entry;
  }

 private:
  Shape sizes(PickleValue tuple) const {
    Shape sizes;
    for (const PickleValue& size : heap_.items(tuple)) sizes.push_back(size.payload);
    return sizes;
  }

  /// The last element lies inside of the storage, and so all of them do: strides are not negative.
  static void check_view(const TensorEntry& entry, std::uint64_t offset, std::uint64_t elements,
                         const std::string& where) {
    std::uint64_t last = offset;
    for (std::size_t i = 0; i < entry.shape.size(); ++i) {
      const auto steps = static_cast<std::uint64_t>(entry.shape[i] - 1);
      last = checked_add(last, checked_multiply(steps, static_cast<std::uint64_t>(entry.strides[i]), where), where);
    }
    if (last < elements) return;
    throw FormatError({.id = "format.torch_view",
                       .expected = "elements inside of the tensor's storage, which has " + std::to_string(elements),
                       .found = "shape " + shape_text(entry.shape) + " with strides " + shape_text(entry.strides) +
                                " from element " + std::to_string(offset) + " on",
                       .where = where,
                       .remedy = "download the file again: it is damaged or was made to do harm"});
  }

  /// The stride of a dimension of one element, or of a tensor of none, says nothing.
  static bool is_row_by_row(const TensorEntry& entry) {
    if (entry.bytes == 0) return true;
    std::int64_t stride = 1;
    for (std::size_t i = entry.shape.size(); i-- > 0;) {
      if (entry.shape[i] != 1 && entry.strides[i] != stride) return false;
      stride *= entry.shape[i];
    }
    return true;
  }

  void add(std::uint64_t bytes, const std::string& where) {
    total_bytes_ = checked_add(total_bytes_, bytes, where);
    if (total_bytes_ <= most_bytes(source_.size())) return;
    throw FormatError({.id = "format.torch_size",
                       .expected = "tensors of at most " + std::to_string(most_bytes(source_.size())) +
                                   " bytes together, sixteen times the file",
                       .found = "more",
                       .where = where,
                       .remedy = "make repeated tensors contiguous() before they are saved"});
  }

  const PickleHeap& heap_;
  const TorchObjects& objects_;
  const ByteSource& source_;
  const FindStorage& find_;
  std::uint64_t total_bytes_ = 0;
};

}  // namespace torch_directory_detail

EIGENFORMER_INLINE void throw_bad_storage(const std::string& found, const std::string& where) {
  throw FormatError({.id = "format.torch_storage",
                     .expected = "each storage once in the file, of the type and size that the tensors say",
                     .found = found,
                     .where = where,
                     .remedy = "download the file again: it is cut short or damaged"});
}

EIGENFORMER_INLINE std::vector<TensorEntry> list_tensors(PickleValue root, const PickleHeap& heap,
                                                         const TorchObjects& objects, const ByteSource& source,
                                                         const FindStorage& find) {
  using namespace torch_directory_detail;
  if (root.kind != PickleKind::dictionary) bad_state_dict(std::string(kind_name(root)), source);
  Lister lister(heap, objects, source, find);
  std::vector<TensorEntry> entries;
  const std::span<const PickleValue> items = heap.items(root);
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    const TorchTensor* const tensor = objects.tensor(items[i + 1]);
    if (tensor == nullptr) continue;
    if (items[i].kind != PickleKind::text) bad_state_dict("a tensor whose name is no text", source);
    if (entries.size() == k_most_tensors) bad_state_dict("more than " + std::to_string(k_most_tensors), source);
    entries.push_back(lister.entry(items[i], *tensor));
  }
  if (entries.empty()) bad_state_dict(without_tensors(root, heap), source);
  check_names(entries, source.name());
  return entries;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
