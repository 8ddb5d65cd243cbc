// What every file of tensors has in common.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/data_type.hpp"
#include "eigenformer/core/shape.hpp"
#include "eigenformer/format/byte_source.hpp"
#include "eigenformer/format/raw_tensor.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// One tensor of a file's directory. Opening a file has checked that its bytes lie inside the file and are as many as
/// type and shape ask for. Only in PyTorch's files may tensors share bytes, have strides, or be empty.
struct TensorEntry {
  std::string name;
  DataType type = DataType::f32;
  Shape shape;               ///< PyTorch's order, outermost first
  std::uint64_t offset = 0;  ///< of the first element, from the start of the file
  std::uint64_t bytes = 0;   ///< of all elements, one after another
  Shape strides = {};        ///< from one element to the next along each dimension; empty: row by row, without gaps
};

/// A directory of tensors. Reading is allowed from several threads at once.
class TensorFile {
 public:
  virtual ~TensorFile() = default;
  /// In the file's order. Names are unique.
  virtual const std::vector<TensorEntry>& entries() const = 0;
  /// The bytes of one of `entries()`.
  virtual RawTensor read(const TensorEntry& entry) const = 0;
  /// For messages: the file, or the folder of a sharded checkpoint.
  virtual std::string where() const = 0;
};

/// Bytes that a tensor of this type and shape takes. FormatError "format.tensor_shape" for a dimension of zero or less,
/// or an innermost one that is no whole number of blocks; "format.size_overflow" beyond 64 bits.
std::uint64_t tensor_bytes(DataType type, const Shape& shape, const std::string& where);

/// Refuses two entries of one name ("format.tensor_twice").
void check_names(const std::vector<TensorEntry>& entries, const std::string& where);

/// Refuses two entries of one name, and entries whose bytes overlap ("format.tensor_overlap").
void check_directory(const std::vector<TensorEntry>& entries, const std::string& where);

/// Reads an entry's bytes from the source that holds them, and puts them row by row.
RawTensor read_tensor(const ByteSource& source, const TensorEntry& entry);

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/tensor_file-inl.hpp"
#endif
