// Small files of each format, made byte by byte, so that a test can put anything anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eigenformer/format/byte_source.hpp"

namespace eigenformer_tests {

using Bytes = std::vector<std::byte>;

template <class T>
void append(Bytes& bytes, T value) {
  const auto* const from = reinterpret_cast<const std::byte*>(&value);
  bytes.insert(bytes.end(), from, from + sizeof(T));
}

inline void append_text(Bytes& bytes, std::string_view text) {
  const auto* const from = reinterpret_cast<const std::byte*>(text.data());
  bytes.insert(bytes.end(), from, from + text.size());
}

inline std::shared_ptr<const eigenformer::format::ByteSource> source_of(Bytes bytes, std::string name = "small.bin") {
  return eigenformer::format::memory_source(std::make_shared<const Bytes>(std::move(bytes)), std::move(name));
}

/// A safetensors file: a header of any text and `data_bytes` bytes 0, 1, 2, ...
inline Bytes safetensors_of(std::string_view header, std::size_t data_bytes) {
  Bytes bytes;
  append(bytes, static_cast<std::uint64_t>(header.size()));
  append_text(bytes, header);
  for (std::size_t i = 0; i < data_bytes; ++i) bytes.push_back(static_cast<std::byte>(i));
  return bytes;
}

inline Bytes valid_safetensors() {
  return safetensors_of(
      R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
      R"("b":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]},"c":{"dtype":"I64","shape":[],"data_offsets":[32,40]}})",
      40);
}

/// One tensor of a GGUF file, as its entry says.
struct GgufTensor {
  std::string name;
  std::vector<std::uint64_t> dimensions;  ///< innermost first
  std::uint32_t type = 0;
  std::uint64_t offset = 0;
};

/// Writes what it is told, right or wrong.
class GgufBuilder {
 public:
  std::string magic = "GGUF";
  std::uint32_t version = 3;
  std::uint64_t alignment = 32;
  std::size_t data_bytes = 0;

  template <class T>
  GgufBuilder& value(std::string_view key, std::uint32_t type, T value) {
    begin_pair(key, type);
    append(pairs_, value);
    return *this;
  }
  GgufBuilder& text(std::string_view key, std::string_view value) {
    begin_pair(key, 8);
    add_text(pairs_, value);
    return *this;
  }
  template <class T>
  GgufBuilder& array(std::string_view key, std::uint32_t element, const std::vector<T>& values) {
    begin_pair(key, 9);
    append(pairs_, element);
    append(pairs_, static_cast<std::uint64_t>(values.size()));
    for (const T value : values) append(pairs_, value);
    return *this;
  }
  GgufBuilder& texts(std::string_view key, const std::vector<std::string>& values) {
    begin_pair(key, 9);
    append(pairs_, std::uint32_t{8});
    append(pairs_, static_cast<std::uint64_t>(values.size()));
    for (const std::string& value : values) add_text(pairs_, value);
    return *this;
  }
  /// A pair whose value is these bytes.
  GgufBuilder& raw(std::string_view key, std::uint32_t type, const Bytes& bytes) {
    begin_pair(key, type);
    pairs_.insert(pairs_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  GgufBuilder& tensor(GgufTensor tensor) {
    tensors_.push_back(std::move(tensor));
    return *this;
  }

  Bytes build() const {
    Bytes bytes;
    append_text(bytes, magic);
    append(bytes, version);
    append(bytes, static_cast<std::uint64_t>(tensors_.size()));
    append(bytes, pair_count_);
    bytes.insert(bytes.end(), pairs_.begin(), pairs_.end());
    for (const GgufTensor& tensor : tensors_) {
      add_text(bytes, tensor.name);
      append(bytes, static_cast<std::uint32_t>(tensor.dimensions.size()));
      for (const std::uint64_t size : tensor.dimensions) append(bytes, size);
      append(bytes, tensor.type);
      append(bytes, tensor.offset);
    }
    while (alignment != 0 && bytes.size() % alignment != 0) bytes.push_back(std::byte{0});
    for (std::size_t i = 0; i < data_bytes; ++i) bytes.push_back(static_cast<std::byte>(i));
    return bytes;
  }

  static void add_text(Bytes& bytes, std::string_view text) {
    append(bytes, static_cast<std::uint64_t>(text.size()));
    append_text(bytes, text);
  }

 private:
  void begin_pair(std::string_view key, std::uint32_t type) {
    ++pair_count_;
    add_text(pairs_, key);
    append(pairs_, type);
  }

  Bytes pairs_;
  std::uint64_t pair_count_ = 0;
  std::vector<GgufTensor> tensors_;
};

/// Every value type, and three tensors: "a" F32 [2, 3], "b" Q8_0 [2, 32], "c" F16 [5].
inline GgufBuilder valid_gguf() {
  GgufBuilder builder;
  builder.text("general.architecture", "tiny")
      .value("u8", 0, std::uint8_t{200})
      .value("i8", 1, std::int8_t{-3})
      .value("u16", 2, std::uint16_t{60000})
      .value("i16", 3, std::int16_t{-300})
      .value("tiny.block_count", 4, std::uint32_t{2})
      .value("i32", 5, std::int32_t{-70000})
      .value("tiny.epsilon", 6, 0.5F)
      .value("flag", 7, std::uint8_t{1})
      .value("u64", 10, ~std::uint64_t{0})
      .value("i64", 11, std::int64_t{-5})
      .value("f64", 12, 0.25)
      .array<std::int32_t>("types", 5, {1, -2, 3})
      .array<float>("scores", 6, {0.5F, -1.0F})
      .texts("tokens", {"a", "", "\xE4\xBD\xA0"});
  builder.tensor({"a", {3, 2}, 0, 0}).tensor({"b", {32, 2}, 8, 32}).tensor({"c", {5}, 1, 128});
  builder.data_bytes = 138;
  return builder;
}

}  // namespace eigenformer_tests
