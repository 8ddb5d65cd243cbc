#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/format/file.hpp"
#include "eigenformer/format/json_writer.hpp"
#include "eigenformer/format/raw_tensor.hpp"
#include "eigenformer/format/safetensors.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace safetensors_writer_detail {

inline std::span<const std::byte> bytes_of(const NamedTensor& tensor) {
  return std::visit([](auto values) { return std::as_bytes(values); }, tensor.values);
}

inline bool is_f32(const NamedTensor& tensor) { return std::holds_alternative<std::span<const float>>(tensor.values); }

inline void check_size(const NamedTensor& tensor) {
  const std::size_t values = std::visit([](auto span) { return span.size(); }, tensor.values);
  if (values == element_count(tensor.shape)) return;
  throw UsageError(
      {.id = "usage.tensor_size",
       .expected = std::to_string(element_count(tensor.shape)) + " values for shape " + shape_text(tensor.shape),
       .found = std::to_string(values),
       .where = "tensor " + tensor.name,
       .remedy = "give shape and values that agree"});
}

template <class Numbers>
void write_list(JsonWriter& header, const Numbers& numbers) {
  header.begin_array();
  for (const auto number : numbers) header.unsigned_integer(number);
  header.end_array();
}

/// The header, filled with spaces so that the data begins at a multiple of eight.
inline std::string header_text(const std::vector<const NamedTensor*>& tensors) {
  std::set<std::string_view> names;
  JsonWriter header;
  header.begin_object();
  std::uint64_t offset = 0;
  for (const NamedTensor* const tensor : tensors) {
    check_size(*tensor);
    if (!names.insert(tensor->name).second) {
      throw UsageError({.id = "usage.tensor_twice",
                        .expected = "each name once",
                        .found = "two tensors " + tensor->name,
                        .where = {},
                        .remedy = "give each tensor a name of its own"});
    }
    const std::uint64_t end = offset + bytes_of(*tensor).size();
    header.key(tensor->name);
    header.begin_object();
    header.key("dtype");
    header.text(is_f32(*tensor) ? "F32" : "I64");
    header.key("shape");
    write_list(header, tensor->shape);
    header.key("data_offsets");
    write_list(header, std::array{offset, end});
    header.end_object();
    offset = end;
  }
  header.end_object();
  std::string text = header.take();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

}  // namespace safetensors_writer_detail

EIGENFORMER_INLINE void write_safetensors(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors) {
  std::vector<const NamedTensor*> sorted;
  sorted.reserve(tensors.size());
  for (const NamedTensor& tensor : tensors) sorted.push_back(&tensor);
  // i64 first, so that every tensor is aligned to its elements
  std::stable_partition(sorted.begin(), sorted.end(),
                        [](const NamedTensor* tensor) { return !safetensors_writer_detail::is_f32(*tensor); });
  const std::string header = safetensors_writer_detail::header_text(sorted);
  std::byte length[8];
  const std::uint64_t header_bytes = header.size();
  std::memcpy(length, &header_bytes, sizeof(length));
  std::vector<std::span<const std::byte>> pieces{length, std::as_bytes(std::span(header))};
  for (const NamedTensor* const tensor : sorted) pieces.push_back(safetensors_writer_detail::bytes_of(*tensor));
  write_file(path, pieces);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
