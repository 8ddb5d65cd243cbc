#pragma once

#include <algorithm>
#include <atomic>
#include <utility>

#include "eigenformer/core/cancel_flags.hpp"
#include "eigenformer/generate/ragged_batch.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace ragged_batch_detail {

/// Whether its switch is turned. Then it is finished.
inline bool stop_if_cancelled(BatchMember& member) noexcept {
  if (!CancelFlags(member.cancel_flag()).any()) return false;
  try {
    member.stop();
  } catch (...) {
    member.fail(std::current_exception());
  }
  return true;
}

}  // namespace ragged_batch_detail

EIGENFORMER_INLINE std::size_t RaggedBatch::Wish::rows() const noexcept {
  std::size_t rows = 0;
  for (const SequenceStep& step : steps) rows += step.rows();
  return rows;
}

EIGENFORMER_INLINE std::size_t RaggedBatch::Wish::outputs() const noexcept {
  std::size_t outputs = 0;
  for (const SequenceStep& step : steps) outputs += step.outputs;
  return outputs;
}

EIGENFORMER_INLINE RaggedBatch::RaggedBatch(const ModelState& model, std::size_t rows)
    : executor_(*model.executor),
      forward_(model),
      rows_(rows),
      computes_whole_prompts_(model.network->info().segments.has_value()) {}

EIGENFORMER_INLINE void RaggedBatch::step(std::span<BatchMember* const> members) {
  collect(members);
  if (wishes_.empty()) return;
  share_rows();
  try {
    if (!compute()) return stop_cancelled();
  } catch (...) {
    withdraw();
    if (wishes_.size() == 1) return wishes_[0].member->fail(std::current_exception());
    for (BatchMember* member : members) step({&member, 1});  // finds whose part it is
    return;
  }
  hand_out();
}

EIGENFORMER_INLINE void RaggedBatch::collect(std::span<BatchMember* const> members) {
  wishes_.clear();
  wishes_.reserve(members.size());  // so that no member has wished in vain
  for (BatchMember* member : members) {
    if (member->finished() || ragged_batch_detail::stop_if_cancelled(*member)) continue;
    Wish wish{.member = member, .steps = {}};
    try {
      member->want(wish.steps);
    } catch (...) {
      member->withdraw();
      member->fail(std::current_exception());
      continue;
    }
    wishes_.push_back(std::move(wish));
  }
}

EIGENFORMER_INLINE void RaggedBatch::share_rows() {
  const auto is_past_prompt = [](const Wish& wish) { return wish.rows() == wish.outputs(); };
  std::size_t decoded = 0;
  for (const Wish& wish : wishes_) decoded += is_past_prompt(wish) ? wish.rows() : 0;
  const std::size_t least_for_prompts = std::max<std::size_t>(rows_ / 4, 1);
  std::size_t left = rows_ > decoded ? std::max(rows_ - decoded, least_for_prompts) : least_for_prompts;
  for (Wish& wish : wishes_) {
    if (is_past_prompt(wish) || computes_whole_prompts_) continue;
    if (wish.rows() > left) cut(wish, left);
    left -= std::min(left, wish.rows());
  }
}

/// Leaves the first `rows` rows of those whose logits nobody wants.
EIGENFORMER_INLINE void RaggedBatch::cut(Wish& wish, std::size_t rows) const {
  wish.is_whole = false;
  for (SequenceStep& step : wish.steps) {
    step.tokens = std::min(rows, step.rows() - step.outputs);
    step.outputs = 0;
    rows -= step.tokens;
  }
  std::erase_if(wish.steps, [](const SequenceStep& step) { return step.tokens == 0; });
}

EIGENFORMER_INLINE bool RaggedBatch::compute() {
  steps_.clear();
  cancel_flags_.clear();
  for (const Wish& wish : wishes_) {
    steps_.insert(steps_.end(), wish.steps.begin(), wish.steps.end());
    cancel_flags_.push_back(wish.member->cancel_flag());
  }
  return forward_.step(steps_, {.chunk = rows_, .cancel = std::span(std::as_const(cancel_flags_))});
}

EIGENFORMER_INLINE void RaggedBatch::hand_out() {
  std::size_t row = 0;
  for (Wish& wish : wishes_) {
    wish.row = row;
    row += wish.outputs();
    if (!wish.is_whole) wish.member->withdraw();
  }
  std::erase_if(wishes_, [](const Wish& wish) { return !wish.is_whole; });
  choose_all();
  for (const Wish& wish : wishes_) {
    if (wish.failure) {
      wish.member->fail(wish.failure);
      continue;
    }
    try {
      wish.member->tell();
    } catch (...) {
      wish.member->fail(std::current_exception());
    }
  }
}

/// Each by whoever is free: a vocabulary is long, and the members do not depend on each other.
EIGENFORMER_INLINE void RaggedBatch::choose_all() {
  struct Queue {
    RaggedBatch& batch;
    std::atomic<std::size_t> next{0};
  } queue{*this};
  const Work work{[](void* context, unsigned) noexcept {
                    auto& [batch, next] = *static_cast<Queue*>(context);
                    for (std::size_t index; (index = next.fetch_add(1)) < batch.wishes_.size();) {
                      batch.choose(batch.wishes_[index]);
                    }
                  },
                  &queue};
  const std::size_t useful = std::min<std::size_t>(executor_.concurrency(), wishes_.size());
  try {
    if (useful > 1) executor_.run(static_cast<unsigned>(useful), work);
  } catch (...) {  // a host's own, without which it takes longer and nothing else
  }
  work(0);  // what is left
}

EIGENFORMER_INLINE void RaggedBatch::choose(Wish& wish) const noexcept {
  try {
    wish.member->choose({forward_, wish.row});
  } catch (...) {
    wish.failure = std::current_exception();
  }
}

EIGENFORMER_INLINE void RaggedBatch::withdraw() noexcept {
  for (const Wish& wish : wishes_) wish.member->withdraw();
}

EIGENFORMER_INLINE void RaggedBatch::stop_cancelled() noexcept {
  withdraw();
  for (const Wish& wish : wishes_) ragged_batch_detail::stop_if_cancelled(*wish.member);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
