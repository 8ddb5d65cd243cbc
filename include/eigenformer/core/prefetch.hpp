// A hint to the processor that changes no result.
#pragma once

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// Asks for the memory at an address before it is needed: a large table that is read here and there is in no cache.
inline void prefetch(const void* address) noexcept {
#if defined(__GNUC__)
  __builtin_prefetch(address);
#else
  static_cast<void>(address);
#endif
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
