// safetensors: an 8-byte length, a JSON directory, the tensors. https://github.com/huggingface/safetensors#format
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/shape.hpp"
#include "eigenformer/format/byte_source.hpp"
#include "eigenformer/format/tensor_file.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// One safetensors file. FormatError where anything in its directory does not fit the file.
std::shared_ptr<const TensorFile> open_safetensors(std::shared_ptr<const ByteSource> source);

/// A tensor to be written: `values` holds as many as the shape's product and stays the caller's.
struct NamedTensor {
  std::string name;
  Shape shape;
  std::variant<std::span<const float>, std::span<const std::int64_t>> values;
};

/// Writes a safetensors file: into a temporary file beside `path`, which then takes its name, so that no half file is
/// seen. UsageError "usage.tensor_size" where values and shape disagree, "usage.tensor_twice"; SystemError
/// "system.file_write".
void write_safetensors(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors);

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/safetensors-inl.hpp"
#include "eigenformer/format/safetensors_writer-inl.hpp"
#endif
