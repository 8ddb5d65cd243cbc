#pragma once

#include <algorithm>
#include <cmath>

#include "eigenformer/error.hpp"
#include "eigenformer/format/raw_tensor.hpp"
#include "eigenformer/quant/block_formats.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

EIGENFORMER_INLINE std::size_t element_count(const Shape& shape) {
  std::size_t count = 1;
  for (const std::int64_t size : shape) count *= static_cast<std::size_t>(size);
  return count;
}

EIGENFORMER_INLINE std::vector<float> decode_f32(const RawTensor& tensor) {
  std::vector<float> values(tensor.bytes.size() / block_bytes(tensor.type) * block_elements(tensor.type));
  if (values.empty()) return values;  // a tensor without elements, which PyTorch's files may hold
  quant::decode_values(tensor.type, tensor.bytes.data(), values.size(), values.data());
  if (std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) return values;
  throw NumericError({.id = "numeric.tensor_not_finite",
                      .expected = "values that are finite numbers",
                      .found = "one that is infinite or not a number",
                      .where = tensor.where,
                      .remedy = "download the file again, or use another conversion of this model"});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
