#pragma once

#include <chrono>
#include <utility>

#include "eigenformer/generate/reply_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE ReplyState::ReplyState(ReplyParts parts)
    : model_(std::move(parts.model)),
      forward_(std::move(parts.forward)),
      strand_(std::move(parts.strand)),
      limits_(parts.limits),
      on_end_(std::move(parts.on_end)) {
  limits_.cancel = strand_.cancel_token().flag();
  const Sequence& sequence = strand_.continuation().sequence();
  statistics_.prompt_tokens = model_.state().source ? sequence.source_ids.size() : sequence.ids.size();
  statistics_.cached_tokens = sequence.cache.size();
}

EIGENFORMER_INLINE ReplyState::~ReplyState() { give_up(); }

EIGENFORMER_INLINE std::optional<std::string> ReplyState::next() {
  if (over_) return std::nullopt;
  try {
    return next_piece();
  } catch (...) {
    give_up();
    throw;
  }
}

EIGENFORMER_INLINE void ReplyState::stop() {
  if (over_) return;
  strand_.end(FinishReason::cancelled);
  finish();
}

EIGENFORMER_INLINE std::optional<std::string> ReplyState::next_piece() {
  while (!strand_.finished()) {
    const std::string piece = compute_text();
    text_ += piece;
    if (strand_.finished()) finish();
    if (!piece.empty()) return piece;
  }
  return std::nullopt;
}

EIGENFORMER_INLINE std::string ReplyState::compute_text() {
  using Seconds = std::chrono::duration<double>;
  const auto begin = std::chrono::steady_clock::now();
  const bool is_prompt = statistics_.prompt_seconds == 0;
  std::string text;
  if (compute_step()) {
    // So that both lists of tokens get the new ones, or none.
    const std::size_t most = strand_.continuation().new_ids().size() + strand_.places();
    if (most > ids_.capacity()) ids_.reserve(2 * most);
    text = strand_.take(*forward_, 0, buffers_);
    const std::span<const TokenId> ids = strand_.kept_ids();
    ids_.insert(ids_.end(), ids.begin() + static_cast<std::ptrdiff_t>(ids_.size()), ids.end());
  } else {
    strand_.end(FinishReason::cancelled);
  }
  statistics_.new_tokens = ids_.size();
  statistics_.drafted_tokens = strand_.counts().drafted;
  statistics_.accepted_tokens = strand_.counts().accepted;
  statistics_.taken_back_tokens = strand_.counts().taken_back;
  const double seconds = Seconds(std::chrono::steady_clock::now() - begin).count();
  (is_prompt ? statistics_.prompt_seconds : statistics_.token_seconds) += seconds;
  return text;
}

/// False when it is cancelled.
EIGENFORMER_INLINE bool ReplyState::compute_step() {
  if (strand_.cancel_token().cancelled()) return false;
  steps_.clear();
  strand_.want(steps_);
  if (forward_->step(steps_, limits_)) return true;
  strand_.withdraw();
  return false;
}

EIGENFORMER_INLINE void ReplyState::finish() {
  over_ = true;
  Continuation& continuation = strand_.continuation();
  if (on_end_) on_end_({continuation.sequence(), text_, continuation.reason()});
  reason_ = continuation.reason();
}

EIGENFORMER_INLINE void ReplyState::give_up() noexcept {
  if (std::exchange(over_, true)) return;
  strand_.withdraw();
  if (on_end_) on_end_({strand_.continuation().sequence(), text_, std::nullopt});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
