#pragma once

#include <algorithm>
#include <bit>
#include <optional>
#include <unordered_set>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/format/gguf_parser.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace gguf_parser_detail {

inline constexpr std::uint32_t k_magic = 0x46554747;  // "GGUF"
inline constexpr std::uint64_t k_longest_key_bytes = 65535;
inline constexpr std::uint64_t k_most_pairs = 65536;               // real files have some dozens
inline constexpr std::uint64_t k_smallest_pair_bytes = 8 + 4 + 1;  // key length, type, a flag
inline constexpr std::uint64_t k_smallest_entry_bytes =
    8 + 4 + 8 + 4 + 8;  // name length, dimensions, one of them, type, offset
inline constexpr std::uint64_t k_default_alignment = 32;
inline constexpr std::uint64_t k_largest_alignment = 64 << 10U;
inline constexpr std::uint32_t k_most_dimensions = 4;
inline constexpr int k_deepest_array = 4;

inline constexpr std::string_view k_download_again = "download the file again: it is damaged or was made to do harm";

/// Bytes of one element; the smallest for texts and arrays.
inline std::uint64_t element_bytes(GgufType type) {
  switch (type) {
    case GgufType::u8:
    case GgufType::i8:
    case GgufType::boolean: return 1;
    case GgufType::u16:
    case GgufType::i16: return 2;
    case GgufType::u32:
    case GgufType::i32:
    case GgufType::f32: return 4;
    case GgufType::text:
    case GgufType::u64:
    case GgufType::i64:
    case GgufType::f64: return 8;
    case GgufType::array: return 12;
  }
  return 1;
}

/// ggml's numbers of tensor types. https://github.com/ggml-org/ggml/blob/master/include/ggml.h (enum ggml_type)
struct TensorType {
  std::uint32_t number;
  std::string_view name;
  std::optional<DataType> type;  ///< where this library reads it
};

inline constexpr TensorType k_tensor_types[] = {
    {0, "F32", DataType::f32},
    {1, "F16", DataType::f16},
    {2, "Q4_0", DataType::q4_0},
    {3, "Q4_1", DataType::q4_1},
    {6, "Q5_0", DataType::q5_0},
    {7, "Q5_1", DataType::q5_1},
    {8, "Q8_0", DataType::q8_0},
    {9, "Q8_1", {}},
    {10, "Q2_K", DataType::q2_k},
    {11, "Q3_K", DataType::q3_k},
    {12, "Q4_K", DataType::q4_k},
    {13, "Q5_K", DataType::q5_k},
    {14, "Q6_K", DataType::q6_k},
    {15, "Q8_K", {}},
    {16, "IQ2_XXS", {}},
    {17, "IQ2_XS", {}},
    {18, "IQ3_XXS", {}},
    {19, "IQ1_S", {}},
    {20, "IQ4_NL", DataType::iq4_nl},
    {21, "IQ3_S", {}},
    {22, "IQ2_S", {}},
    {23, "IQ4_XS", DataType::iq4_xs},
    {24, "I8", {}},
    {25, "I16", {}},
    {26, "I32", {}},
    {27, "I64", {}},
    {28, "F64", {}},
    {29, "IQ1_M", {}},
    {30, "BF16", DataType::bf16},
    {34, "TQ1_0", {}},
    {35, "TQ2_0", {}},
    {39, "MXFP4", DataType::mxfp4},
};

}  // namespace gguf_parser_detail

EIGENFORMER_INLINE void GgufParser::parse(GgufMetadata& metadata, std::vector<TensorEntry>& entries) {
  using namespace gguf_parser_detail;
  check_magic_and_version();
  const std::uint64_t tensors = reader_.count(k_smallest_entry_bytes, "tensors");
  const std::uint64_t pairs = reader_.count(k_smallest_pair_bytes, "metadata pairs");
  if (pairs > k_most_pairs) {
    throw FormatError({.id = "format.gguf_pairs",
                       .expected = "at most " + std::to_string(k_most_pairs) + " metadata pairs",
                       .found = std::to_string(pairs),
                       .where = source_.name(),
                       .remedy = std::string(k_download_again)});
  }
  std::unordered_set<std::string> keys;
  for (std::uint64_t i = 0; i < pairs; ++i) {
    std::string key = reader_.text(k_longest_key_bytes);
    if (!keys.insert(key).second) {
      throw FormatError({.id = "format.gguf_key_twice",
                         .expected = "each metadata key once",
                         .found = in_quotes(key) + " twice",
                         .where = reader_.where(),
                         .remedy = std::string(k_download_again)});
    }
    metadata.emplace_back(std::move(key), value());
  }
  for (std::uint64_t i = 0; i < tensors; ++i) entries.push_back(entry());
  place(entries, alignment(metadata));
}

EIGENFORMER_INLINE void GgufParser::check_magic_and_version() {
  const std::uint32_t magic = reader_.u32();
  if (magic != gguf_parser_detail::k_magic) {
    const std::string_view bytes(reinterpret_cast<const char*>(&magic), 4);
    throw FormatError({.id = "format.gguf_magic",
                       .expected = "a GGUF file, which begins with \"GGUF\"",
                       .found = in_quotes(bytes),
                       .where = source_.name(),
                       .remedy = "check that the download is the model and not a web page"});
  }
  const std::uint32_t version = reader_.u32();
  if (version == 2 || version == 3) return;
  const bool big_endian = version == 0x02000000 || version == 0x03000000;
  throw FormatError({.id = "format.gguf_version",
                     .expected = "a little-endian GGUF file of version 2 or 3",
                     .found = big_endian ? "a big-endian one" : "version " + std::to_string(version),
                     .where = source_.name(),
                     .remedy = "use another conversion of this model"});
}

EIGENFORMER_INLINE GgufType GgufParser::type() {
  const std::uint32_t number = reader_.u32();
  if (number <= static_cast<std::uint32_t>(GgufType::f64)) return static_cast<GgufType>(number);
  throw FormatError({.id = "format.gguf_value_type",
                     .expected = "a metadata type of 0 to 12",
                     .found = std::to_string(number),
                     .where = reader_.where(),
                     .remedy = std::string(gguf_parser_detail::k_download_again)});
}

EIGENFORMER_INLINE GgufValue GgufParser::value() {
  const GgufType kind = type();
  const auto whole = [&](std::int64_t number) { return GgufValue{kind, number}; };
  switch (kind) {
    case GgufType::u8: return whole(reader_.u8());
    case GgufType::i8: return whole(static_cast<std::int8_t>(reader_.u8()));
    case GgufType::u16: return whole(reader_.u16());
    case GgufType::i16: return whole(static_cast<std::int16_t>(reader_.u16()));
    case GgufType::u32: return whole(reader_.u32());
    case GgufType::i32: return whole(static_cast<std::int32_t>(reader_.u32()));
    case GgufType::i64: return whole(static_cast<std::int64_t>(reader_.u64()));
    case GgufType::u64: {
      const std::uint64_t number = reader_.u64();
      if (number > static_cast<std::uint64_t>(INT64_MAX)) return {kind, number};
      return whole(static_cast<std::int64_t>(number));
    }
    case GgufType::f32: return {kind, static_cast<double>(reader_.f32())};
    case GgufType::f64: return {kind, reader_.f64()};
    case GgufType::text: return {kind, reader_.text()};
    case GgufType::array: return {kind, array()};
    case GgufType::boolean: break;
  }
  const std::uint8_t flag = reader_.u8();
  if (flag <= 1) return {kind, flag == 1};
  throw FormatError({.id = "format.gguf_flag",
                     .expected = "a flag of 0 or 1",
                     .found = std::to_string(flag),
                     .where = reader_.where(),
                     .remedy = std::string(gguf_parser_detail::k_download_again)});
}

// Walks over the elements to find the end, then keeps them as they lie in the file.
EIGENFORMER_INLINE GgufArray GgufParser::array() {
  GgufArray array;
  array.element = type();
  array.count = reader_.count(gguf_parser_detail::element_bytes(array.element), "array elements");
  const std::uint64_t begin = reader_.position();
  skip_elements(array.element, array.count, 1);
  array.bytes.resize(static_cast<std::size_t>(reader_.position() - begin));
  source_.read(begin, array.bytes);
  return array;
}

EIGENFORMER_INLINE void GgufParser::skip_elements(GgufType element, std::uint64_t count, int depth) {
  using namespace gguf_parser_detail;
  if (element == GgufType::text) {
    for (std::uint64_t i = 0; i < count; ++i) reader_.skip_text();
    return;
  }
  if (element != GgufType::array)
    return reader_.skip(count * element_bytes(element));  // no overflow: count has been checked
  if (depth == k_deepest_array) {
    throw FormatError({.id = "format.gguf_array_depth",
                       .expected = "arrays nested at most " + std::to_string(k_deepest_array) + " deep",
                       .found = "deeper nesting",
                       .where = reader_.where(),
                       .remedy = std::string(k_download_again)});
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    const GgufType inner = type();
    skip_elements(inner, reader_.count(element_bytes(inner), "array elements"), depth + 1);
  }
}

EIGENFORMER_INLINE std::uint64_t GgufParser::alignment(const GgufMetadata& metadata) const {
  using namespace gguf_parser_detail;
  const auto found = std::find_if(metadata.begin(), metadata.end(),
                                  [](const auto& pair) { return pair.first == "general.alignment"; });
  if (found == metadata.end()) return k_default_alignment;
  const auto* const number = std::get_if<std::int64_t>(&found->second.value);
  const auto value = number == nullptr ? std::uint64_t{0} : static_cast<std::uint64_t>(*number);
  if (found->second.type == GgufType::u32 && std::has_single_bit(value) && value <= k_largest_alignment) return value;
  throw FormatError({.id = "format.gguf_alignment",
                     .expected = "general.alignment as a u32 that is a power of two from 1 to 65536",
                     .found = std::string(gguf_type_name(found->second.type)) +
                              (number == nullptr ? std::string() : " " + std::to_string(*number)),
                     .where = source_.name(),
                     .remedy = std::string(k_download_again)});
}

EIGENFORMER_INLINE TensorEntry GgufParser::entry() {
  TensorEntry entry;
  entry.name = reader_.text(gguf_parser_detail::k_longest_key_bytes);
  const std::string where = source_.name() + ", tensor " + printable(entry.name);
  entry.shape = dimensions(where);
  entry.type = tensor_type(where);
  entry.offset = reader_.u64();
  entry.bytes = tensor_bytes(entry.type, entry.shape, where);
  return entry;
}

// GGUF writes the innermost dimension first.
EIGENFORMER_INLINE Shape GgufParser::dimensions(const std::string& where) {
  const std::uint32_t count = reader_.u32();
  Shape shape;
  for (std::uint32_t i = 0; i < std::min(count, gguf_parser_detail::k_most_dimensions); ++i) {
    const std::uint64_t size = reader_.u64();
    if (size > static_cast<std::uint64_t>(INT64_MAX)) checked_multiply(size, size, where);  // throws: beyond 64 bits
    shape.insert(shape.begin(), static_cast<std::int64_t>(size));
  }
  if (count >= 1 && count <= gguf_parser_detail::k_most_dimensions) return shape;
  throw FormatError({.id = "format.gguf_dimensions",
                     .expected = "a tensor of 1 to 4 dimensions",
                     .found = std::to_string(count),
                     .where = where,
                     .remedy = std::string(gguf_parser_detail::k_download_again)});
}

EIGENFORMER_INLINE DataType GgufParser::tensor_type(const std::string& where) {
  const std::uint32_t number = reader_.u32();
  std::string name = "type number " + std::to_string(number);
  for (const auto& known : gguf_parser_detail::k_tensor_types) {
    if (known.number != number) continue;
    if (known.type) return *known.type;
    name = known.name;
  }
  throw FormatError({.id = "format.tensor_type",
                     .expected = "a tensor of type " + std::string(k_matrix_types),
                     .found = name,
                     .where = where,
                     .remedy = "use a file of this model in one of these types"});
}

// From offsets in the data to offsets in the file, with everything that makes them safe to use.
EIGENFORMER_INLINE void GgufParser::place(std::vector<TensorEntry>& entries, std::uint64_t alignment) const {
  const std::uint64_t end_of_directory = reader_.position();
  const std::uint64_t begin = (end_of_directory + alignment - 1) / alignment * alignment;
  const std::uint64_t data_bytes = begin <= source_.size() ? source_.size() - begin : 0;
  for (TensorEntry& entry : entries) {
    const bool inside = entry.offset <= data_bytes && entry.bytes <= data_bytes - entry.offset;
    if (!inside || entry.offset % alignment != 0) {
      throw FormatError(
          {.id = "format.gguf_tensor_range",
           .expected = std::to_string(entry.bytes) + " bytes of data inside the file, from a multiple of " +
                       std::to_string(alignment) + " on",
           .found = "offset " + std::to_string(entry.offset) + " in " + std::to_string(data_bytes) + " bytes of data",
           .where = source_.name() + ", tensor " + printable(entry.name),
           .remedy = "download the file again: it is cut short or damaged"});
    }
    entry.offset += begin;
  }
  check_directory(entries, source_.name());
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
