// The one way from a throwing function to its try_ twin.
#pragma once

#include <new>
#include <type_traits>
#include <utility>

#include "eigenformer/error.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// Runs `work` and returns its value, or the report of whatever it threw: `return attempt([&] { return load(path);
/// });`.
template <class Work>
auto attempt(Work&& work) noexcept -> Result<std::invoke_result_t<Work>> {
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

/// The same for errors that are kept or passed over. That there is no memory now says nothing about what was attempted,
/// so it is not among them: std::bad_alloc is thrown on.
template <class Work>
auto attempt_given_memory(Work&& work) -> Result<std::invoke_result_t<Work>> {
  auto result = attempt(std::forward<Work>(work));
  if (!result.ok() && result.error().id == "system.memory") throw std::bad_alloc();
  return result;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI
