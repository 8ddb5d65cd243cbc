// The elements of an array of GGUF metadata. Opening the file has checked that the bytes are well formed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/text_list.hpp"
#include "eigenformer/format/gguf_value.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

bool is_whole_number(GgufType type);

/// All elements of an array of GgufType::text.
TextList array_texts(const GgufArray& array);
/// One element of an array of whole numbers; those of u64 beyond 63 bits become the largest i64.
std::int64_t array_integer(const GgufArray& array, std::size_t index);
/// One element of an array of f32 or f64.
double array_number(const GgufArray& array, std::size_t index);

}  // namespace eigenformer::inline EIGENFORMER_ABI::format

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/format/gguf_array-inl.hpp"
#endif
