// Looks for several texts at once in one that is still being written.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "eigenformer/core/byte_span.hpp"
#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// The one of `sought` that is complete first in `text`, and of several that are complete at the same byte the longest.
/// None of `sought` is empty.
std::optional<ByteSpan> first_complete(std::string_view text, std::span<const std::string> sought);

/// How many bytes at the end of `text` may be the beginning of one of `sought`: less than the longest of them has.
std::size_t undecided_bytes(std::string_view text, std::span<const std::string> sought);

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/find_texts-inl.hpp"
#endif
