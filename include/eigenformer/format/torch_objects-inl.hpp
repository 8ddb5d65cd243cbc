#pragma once

#include <algorithm>
#include <span>

#include "eigenformer/format/torch_objects.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace torch_objects_detail {

enum class Name : std::uint8_t { ordered_dictionary, size, tensor, tensor_v2, parameter, storage };

struct Known {
  std::string_view module, name;
  Name meaning;
  DataType type = DataType::f32;  ///< of a storage
};

inline constexpr Known k_known[] = {
    {"collections", "OrderedDict", Name::ordered_dictionary},
    {"torch", "Size", Name::size},
    {"torch._utils", "_rebuild_tensor", Name::tensor},
    {"torch._utils", "_rebuild_tensor_v2", Name::tensor_v2},
    {"torch._utils", "_rebuild_parameter", Name::parameter},
    {"torch", "FloatStorage", Name::storage, DataType::f32},
    {"torch", "HalfStorage", Name::storage, DataType::f16},
    {"torch", "BFloat16Storage", Name::storage, DataType::bf16},
    {"torch", "DoubleStorage", Name::storage, DataType::f64},
    {"torch", "LongStorage", Name::storage, DataType::i64},
    {"torch", "IntStorage", Name::storage, DataType::i32},
    {"torch", "ShortStorage", Name::storage, DataType::i16},
    {"torch", "CharStorage", Name::storage, DataType::i8},
    {"torch", "ByteStorage", Name::storage, DataType::u8},
    {"torch", "BoolStorage", Name::storage, DataType::boolean},
    {"torch.storage", "UntypedStorage", Name::storage, DataType::u8},
};

/// The host's tags of objects.
inline constexpr std::uint32_t k_storage = 0, k_tensor = 1;

inline constexpr std::size_t k_most_dimensions = 8;

inline bool is_count(PickleValue value) { return value.kind == PickleKind::integer && value.payload >= 0; }
inline bool is_object(PickleValue value, std::uint32_t tag) {
  return value.kind == PickleKind::object && value.tag == tag;
}
inline std::uint64_t count_of(PickleValue value) { return static_cast<std::uint64_t>(value.payload); }

}  // namespace torch_objects_detail

EIGENFORMER_INLINE std::optional<PickleValue> TorchObjects::global(std::string_view module, std::string_view name) {
  for (std::uint32_t number = 0; const auto& known : torch_objects_detail::k_known) {
    if (known.module == module && known.name == name) return PickleValue{PickleKind::global, number, 0};
    ++number;
  }
  return std::nullopt;
}

EIGENFORMER_INLINE std::optional<PickleValue> TorchObjects::rebuild(PickleValue global, PickleValue arguments) {
  using torch_objects_detail::Name;
  switch (torch_objects_detail::k_known[global.tag].meaning) {
    case Name::ordered_dictionary: return rebuild_dictionary(arguments);
    case Name::size:
      if (arguments.tag != 1 || heap_.items(arguments)[0].kind != PickleKind::tuple) return std::nullopt;
      return heap_.items(arguments)[0];
    case Name::tensor: return rebuild_tensor(arguments, 4);
    case Name::tensor_v2: return rebuild_tensor(arguments, 7);
    case Name::parameter: return rebuild_parameter(arguments);
    case Name::storage: break;
  }
  return std::nullopt;
}

// OrderedDict(), or (as Python 2 writes it) OrderedDict([[key, value], ...])
EIGENFORMER_INLINE std::optional<PickleValue> TorchObjects::rebuild_dictionary(PickleValue arguments) {
  std::vector<PickleValue> pairs;
  if (arguments.tag > 1) return std::nullopt;
  if (arguments.tag == 1) {
    const PickleValue list = heap_.items(arguments)[0];
    if (list.kind != PickleKind::list) return std::nullopt;
    for (const PickleValue& pair : heap_.items(list)) {
      if (pair.kind != PickleKind::list && pair.kind != PickleKind::tuple) return std::nullopt;
      const std::span<const PickleValue> items = heap_.items(pair);
      if (items.size() != 2) return std::nullopt;
      pairs.insert(pairs.end(), items.begin(), items.end());
    }
  }
  const PickleValue dictionary = heap_.make_container(PickleKind::dictionary);
  heap_.fill(dictionary, pairs);
  return dictionary;
}

// (storage, offset, size, stride), then in v2 (requires_grad, backward_hooks) and maybe a dictionary of bits that
// change what the elements mean: conjugated, negated
EIGENFORMER_INLINE std::optional<PickleValue> TorchObjects::rebuild_tensor(PickleValue arguments,
                                                                           std::size_t most_arguments) {
  using namespace torch_objects_detail;
  const std::span<const PickleValue> items = heap_.items(arguments);
  const bool fits = items.size() == most_arguments || (most_arguments == 7 && items.size() == 6);
  if (!fits || !is_object(items[0], k_storage) || !is_count(items[1])) return std::nullopt;
  if (!are_sizes(items[2]) || !are_sizes(items[3]) || items[2].tag != items[3].tag) return std::nullopt;
  if (items.size() == 7) {
    const bool plain =
        items[6].kind == PickleKind::none || (items[6].kind == PickleKind::dictionary && heap_.items(items[6]).empty());
    if (!plain) return std::nullopt;
  }
  tensors_.push_back({static_cast<std::size_t>(items[0].payload), count_of(items[1]), items[2], items[3]});
  return PickleValue{PickleKind::object, k_tensor, static_cast<std::int64_t>(tensors_.size() - 1)};
}

// (tensor, requires_grad, backward_hooks)
EIGENFORMER_INLINE std::optional<PickleValue> TorchObjects::rebuild_parameter(PickleValue arguments) const {
  const std::span<const PickleValue> items = heap_.items(arguments);
  if (items.size() != 3 || tensor(items[0]) == nullptr) return std::nullopt;
  return items[0];
}

// ("storage", type, key, device, elements), in the stream form also the part of it that is meant, or None
EIGENFORMER_INLINE std::optional<PickleValue> TorchObjects::persistent(PickleValue id) {
  using namespace torch_objects_detail;
  if (id.kind != PickleKind::tuple) return std::nullopt;
  const std::span<const PickleValue> items = heap_.items(id);
  if (items.size() != 5 && items.size() != 6) return std::nullopt;
  if (items[0].kind != PickleKind::text || heap_.text(items[0]) != "storage") return std::nullopt;
  if (items[1].kind != PickleKind::global || k_known[items[1].tag].meaning != Name::storage) return std::nullopt;
  if (items[2].kind != PickleKind::text || items[3].kind != PickleKind::text || !is_count(items[4])) {
    return std::nullopt;
  }
  TorchStorage storage{.key = items[2],
                       .type = k_known[items[1].tag].type,
                       .elements = count_of(items[4]),
                       .first = 0,
                       .viewed = count_of(items[4])};
  if (items.size() == 6 && !read_part(items[5], storage)) return std::nullopt;
  storages_.push_back(storage);
  return PickleValue{PickleKind::object, k_storage, static_cast<std::int64_t>(storages_.size() - 1)};
}

// None, or (key of the part, its first element, its elements)
EIGENFORMER_INLINE bool TorchObjects::read_part(PickleValue part, TorchStorage& storage) const {
  using namespace torch_objects_detail;
  if (part.kind == PickleKind::none) return true;
  if (part.kind != PickleKind::tuple || part.tag != 3) return false;
  const std::span<const PickleValue> items = heap_.items(part);
  if (items[0].kind != PickleKind::text || !is_count(items[1]) || !is_count(items[2])) return false;
  storage.first = count_of(items[1]);
  storage.viewed = count_of(items[2]);
  return storage.first <= storage.elements && storage.viewed <= storage.elements - storage.first;
}

EIGENFORMER_INLINE const TorchTensor* TorchObjects::tensor(PickleValue value) const {
  if (!torch_objects_detail::is_object(value, torch_objects_detail::k_tensor)) return nullptr;
  return &tensors_[static_cast<std::size_t>(value.payload)];
}

// A tuple of at most eight whole numbers of zero or more. torch.Size is one.
EIGENFORMER_INLINE bool TorchObjects::are_sizes(PickleValue value) const {
  if (value.kind != PickleKind::tuple || value.tag > torch_objects_detail::k_most_dimensions) return false;
  const std::span<const PickleValue> items = heap_.items(value);
  return std::all_of(items.begin(), items.end(), torch_objects_detail::is_count);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
