// Tensors whose elements do not lie row by row: transposed ones, slices, repeated ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/shape.hpp"
#include "eigenformer/format/byte_source.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// Elements of a file, all of which lie inside it. `shape` and `strides` are of one length, outermost first.
struct StridedView {
  std::uint64_t offset = 0;  ///< of the first element, in bytes
  std::size_t element_bytes = 0;
  const Shape& shape;
  const Shape& strides;  ///< in elements, none below zero
};

/// Gathers the elements into `out`, row by row. What it reads at one time is at most about twice the tensor, or small
/// pieces: an element of a large storage does not cost that storage.
void read_strided(const ByteSource& source, const StridedView& view, std::span<std::byte> out);

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/strided_read-inl.hpp"
#endif
