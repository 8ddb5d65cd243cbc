// Progress of loading, and the way to stop it.
#pragma once

#include <cstdint>
#include <functional>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// `callback(done_bytes, total_bytes)` is called after each tensor; false stops the load with CancelledError
/// "cancelled.load".
struct LoadProgress {
  std::function<bool(std::uint64_t done_bytes, std::uint64_t total_bytes)> callback;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
