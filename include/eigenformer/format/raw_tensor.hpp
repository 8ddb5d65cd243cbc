// A tensor as it lies in its file.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/data_type.hpp"
#include "eigenformer/core/shape.hpp"
#include "eigenformer/core/uninitialized_bytes.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// The bytes of one tensor, row by row, the last dimension innermost; block formats keep whole blocks along it.
struct RawTensor {
  DataType type = DataType::f32;
  Shape shape;  ///< PyTorch's order, outermost first
  UninitializedBytes bytes;
  std::string where;  ///< for messages: "model.gguf, tensor blk.0.attn_q.weight"
};

/// The values in f32, as many as the shape's product. Block formats, halves and whole numbers up to 2^24 are decoded
/// exactly; f64 and larger whole numbers are rounded to the nearest f32. NumericError "numeric.weight_not_finite" where
/// a value is infinite or not a number.
std::vector<float> decode_f32(const RawTensor& tensor);

/// Values of a tensor of the given shape: the product of the dimensions.
std::size_t element_count(const Shape& shape);

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/raw_tensor-inl.hpp"
#endif
