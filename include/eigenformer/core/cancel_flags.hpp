// What stops a computation from outside: one switch, or any of several.
#pragma once

#include <algorithm>
#include <atomic>
#include <span>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// A view: the switches, and the list of several, outlive it.
class CancelFlags {
 public:
  CancelFlags() = default;
  /// Null: nothing stops it.
  CancelFlags(const std::atomic<bool>* flag) noexcept : flag_(flag) {}
  CancelFlags(std::span<const std::atomic<bool>* const> flags) noexcept : flags_(flags) {}

  /// Whether one of them is turned.
  bool any() const noexcept { return is_set(flag_) || std::any_of(flags_.begin(), flags_.end(), is_set); }

 private:
  static bool is_set(const std::atomic<bool>* flag) noexcept {
    return flag != nullptr && flag->load(std::memory_order_relaxed);
  }

  const std::atomic<bool>* flag_ = nullptr;
  std::span<const std::atomic<bool>* const> flags_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI
