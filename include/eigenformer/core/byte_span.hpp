// A range of bytes of a text.
#pragma once

#include <cstddef>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// The bytes from `begin` up to, not including, `end`.
struct ByteSpan {
  std::size_t begin = 0;
  std::size_t end = 0;

  constexpr std::size_t size() const noexcept { return end - begin; }
  constexpr bool empty() const noexcept { return begin == end; }
  friend constexpr bool operator==(const ByteSpan&, const ByteSpan&) = default;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI
