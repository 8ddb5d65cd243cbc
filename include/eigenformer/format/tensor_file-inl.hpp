#pragma once

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "eigenformer/error.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/format/strided_read.hpp"
#include "eigenformer/format/tensor_file.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

EIGENFORMER_INLINE std::uint64_t tensor_bytes(DataType type, const Shape& shape, const std::string& where) {
  const std::size_t block = block_elements(type);
  bool whole = std::all_of(shape.begin(), shape.end(), [](std::int64_t size) { return size > 0; });
  whole = whole && (block == 1 || (!shape.empty() && static_cast<std::uint64_t>(shape.back()) % block == 0));
  if (!whole) {
    throw FormatError({.id = "format.tensor_shape",
                       .expected = block == 1
                                       ? "dimensions of at least 1"
                                       : "dimensions of at least 1, the last a multiple of " + std::to_string(block),
                       .found = shape_text(shape) + " of type " + std::string(data_type_name(type)),
                       .where = where,
                       .remedy = "download the file again, or use another conversion of this model"});
  }
  std::uint64_t elements = 1;
  for (const std::int64_t size : shape) elements = checked_multiply(elements, static_cast<std::uint64_t>(size), where);
  return checked_multiply(elements / block, block_bytes(type), where);
}

EIGENFORMER_INLINE void check_names(const std::vector<TensorEntry>& entries, const std::string& where) {
  std::unordered_set<std::string_view> names;
  for (const TensorEntry& entry : entries) {
    if (names.insert(entry.name).second) continue;
    throw FormatError({.id = "format.tensor_twice",
                       .expected = "each tensor once",
                       .found = "two of the name " + in_quotes(entry.name),
                       .where = where,
                       .remedy = "download the file again: it is damaged or was made to do harm"});
  }
}

EIGENFORMER_INLINE void check_directory(const std::vector<TensorEntry>& entries, const std::string& where) {
  check_names(entries, where);
  std::vector<const TensorEntry*> by_place;
  by_place.reserve(entries.size());
  for (const TensorEntry& entry : entries) by_place.push_back(&entry);
  std::sort(by_place.begin(), by_place.end(),
            [](const TensorEntry* a, const TensorEntry* b) { return a->offset < b->offset; });
  for (std::size_t i = 1; i < by_place.size(); ++i) {
    const TensorEntry& before = *by_place[i - 1];
    if (before.offset + before.bytes <= by_place[i]->offset) continue;
    throw FormatError({.id = "format.tensor_overlap",
                       .expected = "tensors that share no bytes",
                       .found = in_quotes(before.name) + " and " + in_quotes(by_place[i]->name) +
                                " overlapping at byte " + std::to_string(by_place[i]->offset),
                       .where = where,
                       .remedy = "download the file again: it is damaged or was made to do harm"});
  }
}

EIGENFORMER_INLINE RawTensor read_tensor(const ByteSource& source, const TensorEntry& entry) {
  RawTensor tensor{entry.type, entry.shape, {}, source.name() + ", tensor " + printable(entry.name)};
  tensor.bytes.resize(static_cast<std::size_t>(entry.bytes));
  if (entry.strides.empty()) {
    source.read(entry.offset, tensor.bytes);
  } else {
    read_strided(source,
                 {.offset = entry.offset,
                  .element_bytes = block_bytes(entry.type),
                  .shape = entry.shape,
                  .strides = entry.strides},
                 tensor.bytes);
  }
  return tensor;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
