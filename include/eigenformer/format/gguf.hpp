// GGUF, versions 2 and 3: metadata and tensors in one file. https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/text_list.hpp"
#include "eigenformer/format/byte_source.hpp"
#include "eigenformer/format/gguf_value.hpp"
#include "eigenformer/format/tensor_file.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// An opened GGUF file. The getters throw ConfigError: "config.missing" where there is no such key and "config.type"
/// where its value is of another type.
class GgufFile : public TensorFile {
 public:
  explicit GgufFile(std::shared_ptr<const ByteSource> source);
  GgufFile(const GgufFile&) = delete;
  GgufFile& operator=(const GgufFile&) = delete;

  const std::vector<TensorEntry>& entries() const override { return entries_; }
  RawTensor read(const TensorEntry& entry) const override;
  std::string where() const override;

  const GgufMetadata& metadata() const { return metadata_; }
  /// The value of a key, or null.
  const GgufValue* find(std::string_view key) const;
  bool has(std::string_view key) const { return find(key) != nullptr; }

  std::string text(std::string_view key) const;
  std::int64_t integer(std::string_view key) const;  ///< of any whole-number type
  double number(std::string_view key) const;         ///< of any number type
  bool flag(std::string_view key) const;
  TextList texts(std::string_view key) const;                      ///< an array of strings
  std::vector<std::int32_t> integers(std::string_view key) const;  ///< an array of whole numbers that fit 32 bits
  std::vector<float> numbers(std::string_view key) const;          ///< an array of f32

 private:
  const GgufValue& require(std::string_view key, std::string_view wanted) const;
  const GgufArray& require_array(std::string_view key, std::string_view wanted) const;
  [[noreturn]] void wrong_type(std::string_view key, std::string_view wanted, const GgufValue& value) const;

  std::shared_ptr<const ByteSource> source_;
  GgufMetadata metadata_;
  std::unordered_map<std::string_view, std::size_t> keys_;  ///< views into metadata_
  std::vector<TensorEntry> entries_;
};

/// Reads the directory; tensors are read when asked for. A tensor of a type that is not among k_matrix_types is
/// FormatError "format.tensor_type", which names tensor and type.
std::shared_ptr<const GgufFile> open_gguf(std::shared_ptr<const ByteSource> source);

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/gguf-inl.hpp"
#endif
