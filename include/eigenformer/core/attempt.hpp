// The one way from a throwing function to its try_ twin.
#pragma once

#include <type_traits>
#include <utility>

#include "eigenformer/error.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// Runs `work` and returns its value, or the report of whatever it threw: `return attempt([&] { return load(path);
/// });`.
template <class Work>
auto attempt(Work&& work) -> Result<std::invoke_result_t<Work>> {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Work>>) {
      std::forward<Work>(work)();
      return {};
    } else {
      return std::forward<Work>(work)();
    }
  } catch (...) {
    return current_error_report();
  }
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
