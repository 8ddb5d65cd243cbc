// What a model that reads a text segment after segment remembers of the earlier ones. A light header.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

/// The memory between two segments (XLNet, transformers' `mems`): pass the same object to the call of each segment
/// (ForwardOptions::memory). Empty at first. A copy is a second future of the same past; it costs nothing.
class SegmentMemory {
 public:
  /// What stands behind it: keys and values by layer, and the model they are of.
  struct State;

  SegmentMemory() = default;
  /// For the library's own rooms (forward_segment-inl.hpp).
  SegmentMemory(std::shared_ptr<const State> state, std::size_t tokens) : state_(std::move(state)), tokens_(tokens) {}

  /// Tokens that the next segment can look back at.
  std::size_t tokens() const noexcept { return tokens_; }
  const std::shared_ptr<const State>& state() const noexcept { return state_; }

 private:
  std::shared_ptr<const State> state_;
  std::size_t tokens_ = 0;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI
