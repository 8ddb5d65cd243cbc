#pragma once

#include <algorithm>
#include <cstring>

#include "eigenformer/format/gguf_array.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

namespace gguf_array_detail {

template <class T>
T element(const GgufArray& array, std::size_t index) {
  T value;
  std::memcpy(&value, array.bytes.data() + index * sizeof(T), sizeof(T));
  return value;
}

}  // namespace gguf_array_detail

EIGENFORMER_INLINE bool is_whole_number(GgufType type) {
  switch (type) {
    case GgufType::u8:
    case GgufType::i8:
    case GgufType::u16:
    case GgufType::i16:
    case GgufType::u32:
    case GgufType::i32:
    case GgufType::u64:
    case GgufType::i64: return true;
    default: return false;
  }
}

EIGENFORMER_INLINE TextList array_texts(const GgufArray& array) {
  TextList texts;
  texts.reserve(static_cast<std::size_t>(array.count));
  texts.reserve_text(array.bytes.size() - static_cast<std::size_t>(array.count) * sizeof(std::uint64_t));
  const std::byte* at = array.bytes.data();
  for (std::uint64_t i = 0; i < array.count; ++i) {
    std::uint64_t length = 0;
    std::memcpy(&length, at, sizeof(length));
    at += sizeof(length);
    texts.push_back({reinterpret_cast<const char*>(at), static_cast<std::size_t>(length)});
    at += length;
  }
  return texts;
}

EIGENFORMER_INLINE std::int64_t array_integer(const GgufArray& array, std::size_t index) {
  using gguf_array_detail::element;
  switch (array.element) {
    case GgufType::u8: return element<std::uint8_t>(array, index);
    case GgufType::i8: return element<std::int8_t>(array, index);
    case GgufType::u16: return element<std::uint16_t>(array, index);
    case GgufType::i16: return element<std::int16_t>(array, index);
    case GgufType::u32: return element<std::uint32_t>(array, index);
    case GgufType::i32: return element<std::int32_t>(array, index);
    case GgufType::i64: return element<std::int64_t>(array, index);
    default: break;
  }
  const auto number = element<std::uint64_t>(array, index);
  return static_cast<std::int64_t>(std::min(number, static_cast<std::uint64_t>(INT64_MAX)));
}

EIGENFORMER_INLINE double array_number(const GgufArray& array, std::size_t index) {
  using gguf_array_detail::element;
  return array.element == GgufType::f64 ? element<double>(array, index)
                                        : static_cast<double>(element<float>(array, index));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
