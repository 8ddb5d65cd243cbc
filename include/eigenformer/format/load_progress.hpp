// Progress of loading, and the way to stop it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::format {

/// Tells the host how much of the weights has been read, and asks whether the load goes on.
class LoadProgress {
 public:
  using Callback = std::function<bool(std::uint64_t done_bytes, std::uint64_t total_bytes)>;
  LoadProgress(Callback callback, std::uint64_t total_bytes, std::string where)
      : callback_(std::move(callback)), total_bytes_(total_bytes), where_(std::move(where)) {}

  /// CancelledError "cancelled.load" where the callback returns false.
  void report(std::uint64_t done_bytes) const {
    if (!callback_ || callback_(done_bytes, total_bytes_)) return;
    throw CancelledError({.id = "cancelled.load",
                          .expected = "to load the whole model",
                          .found = "a request to stop after " + std::to_string(done_bytes) + " of " +
                                   std::to_string(total_bytes_) + " bytes",
                          .where = where_,
                          .remedy = "load again when the model is wanted"});
  }

 private:
  Callback callback_;
  std::uint64_t total_bytes_;
  std::string where_;
};

/// For work that precedes the weights and is long enough to be stopped: building a vocabulary. Asks the host at one of
/// many steps; the others count. The progress, if any, must outlive it.
class LoadWatch {
 public:
  LoadWatch() = default;
  explicit LoadWatch(const LoadProgress* progress) : progress_(progress) {}

  /// A token, a merge, a comparison: some hundred nanoseconds at most. CancelledError "cancelled.load".
  void step() {
    if (++steps_ % k_steps == 0) ask();
  }
  void ask() const {
    if (progress_ != nullptr) progress_->report(0);
  }

 private:
  static constexpr std::uint32_t k_steps = 16384;
  const LoadProgress* progress_ = nullptr;
  std::uint32_t steps_ = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::format
