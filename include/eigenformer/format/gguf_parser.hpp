// From the bytes of a GGUF file to its metadata and directory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/format/byte_reader.hpp"
#include "eigenformer/format/gguf_value.hpp"
#include "eigenformer/format/tensor_file.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// Reads the file front to back, once. Layout: magic "GGUF", version, count of tensors, count of metadata pairs, the
/// pairs, the tensors' entries, padding to the alignment, the tensors' bytes.
class GgufParser {
 public:
  explicit GgufParser(const ByteSource& source) : source_(source), reader_(source) {}

  /// FormatError at the first thing that is wrong.
  void parse(GgufMetadata& metadata, std::vector<TensorEntry>& entries);

 private:
  void check_magic_and_version();
  GgufType type();
  GgufValue value();
  GgufArray array();
  void skip_elements(GgufType element, std::uint64_t count, int depth);
  std::uint64_t alignment(const GgufMetadata& metadata) const;
  TensorEntry entry();
  Shape dimensions(const std::string& where);
  DataType tensor_type(const std::string& where);
  void place(std::vector<TensorEntry>& entries, std::uint64_t alignment) const;

  const ByteSource& source_;
  ByteReader reader_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
