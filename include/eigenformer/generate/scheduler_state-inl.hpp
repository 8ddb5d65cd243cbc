#pragma once

#include <algorithm>
#include <exception>
#include <utility>

#include "eigenformer/generate/check_option.hpp"
#include "eigenformer/generate/scheduler_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace scheduler_state_detail {

inline constexpr CountRange k_range{1, 65536};

inline std::size_t checked_rows(const SchedulerOptions& options) {
  check_count("rows_per_step", options.rows_per_step, k_range);
  check_count("most_at_once", options.most_at_once, k_range);
  return options.rows_per_step;
}

}  // namespace scheduler_state_detail

EIGENFORMER_INLINE SchedulerState::SchedulerState(const Model& model, const SchedulerOptions& options)
    : model_(model),
      batch_(model_.state(), scheduler_state_detail::checked_rows(options)),
      most_at_once_(options.most_at_once) {}

EIGENFORMER_INLINE SchedulerState::~SchedulerState() {
  for (const std::shared_ptr<RequestState>& request : requests_) {
    try {
      request->stop();
    } catch (...) {
      request->fail(std::current_exception());  // a callback of the host's has thrown
    }
  }
}

EIGENFORMER_INLINE std::shared_ptr<RequestState> SchedulerState::add(std::shared_ptr<RequestState> request) {
  requests_.push_back(std::move(request));
  return requests_.back();
}

EIGENFORMER_INLINE bool SchedulerState::step() {
  // A callback may submit others: they join with the next step.
  const std::vector<std::shared_ptr<RequestState>> present(
      requests_.begin(), requests_.begin() + static_cast<std::ptrdiff_t>(std::min(requests_.size(), most_at_once_)));
  std::vector<BatchMember*> members;
  members.reserve(present.size());
  for (const std::shared_ptr<RequestState>& request : present) members.push_back(request.get());
  batch_.step(members);
  std::erase_if(requests_, [](const std::shared_ptr<RequestState>& request) { return request->finished(); });
  return !requests_.empty();
}

EIGENFORMER_INLINE std::size_t SchedulerState::size() const noexcept { return requests_.size(); }

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
