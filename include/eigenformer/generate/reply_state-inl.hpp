#pragma once

#include <chrono>
#include <utility>

#include "eigenformer/generate/reply_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE ReplyState::ReplyState(ReplyParts parts)
    : model_(std::move(parts.model)),
      forward_(std::move(parts.forward)),
      continuation_(std::move(parts.sequence), parts.plan),
      writer_(model_.tokenizer(), std::move(parts.stops)),
      limits_(parts.limits),
      cancel_(std::move(parts.cancel)),
      on_end_(std::move(parts.on_end)) {
  limits_.cancel = cancel_.flag();
  const Sequence& sequence = continuation_.sequence();
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
  continuation_.end(FinishReason::cancelled);
  finish();
}

EIGENFORMER_INLINE std::optional<std::string> ReplyState::next_piece() {
  while (!continuation_.finished()) {
    std::string piece = next_token_text();
    text_ += piece;
    if (continuation_.finished()) finish();
    if (!piece.empty()) return piece;
  }
  return std::nullopt;
}

EIGENFORMER_INLINE std::string ReplyState::next_token_text() {
  if (!compute_next_token()) {
    continuation_.end(FinishReason::cancelled);
    return {};
  }
  const TokenId token = ids_.back();
  std::string piece = continuation_.is_end_token(token) ? std::string() : writer_.push(token);
  if (writer_.stopped()) {
    continuation_.end(FinishReason::stop_string);
  } else if (continuation_.finished()) {
    piece += writer_.finish();
  }
  return piece;
}

EIGENFORMER_INLINE bool ReplyState::compute_next_token() {
  using Seconds = std::chrono::duration<double>;
  const auto begin = std::chrono::steady_clock::now();
  const bool is_computed =
      !cancel_.cancelled() && forward_->run(continuation_.sequence(), limits_) && continuation_.prepare(limits_);
  if (is_computed) {
    ids_.reserve(ids_.size() + 1);  // so that both lists of tokens get the new one, or none
    ids_.push_back(continuation_.choose(forward_->logits(0), buffers_));
    statistics_.new_tokens = ids_.size();
  }
  const double seconds = Seconds(std::chrono::steady_clock::now() - begin).count();
  (ids_.size() <= 1 ? statistics_.prompt_seconds : statistics_.token_seconds) += seconds;
  return is_computed;
}

EIGENFORMER_INLINE void ReplyState::finish() {
  over_ = true;
  if (on_end_) on_end_({continuation_.sequence(), text_, continuation_.reason()});
  reason_ = continuation_.reason();
}

EIGENFORMER_INLINE void ReplyState::give_up() noexcept {
  if (std::exchange(over_, true)) return;
  if (on_end_) on_end_({continuation_.sequence(), text_, std::nullopt});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
