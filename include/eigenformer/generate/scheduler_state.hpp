// What is behind a Scheduler: who is in the next step.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/ragged_batch.hpp"
#include "eigenformer/generate/request_state.hpp"
#include "eigenformer/scheduler.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

class SchedulerState {
 public:
  /// Throws UsageError "usage.option_range".
  SchedulerState(const Model& model, const SchedulerOptions& options);
  ~SchedulerState();
  SchedulerState(const SchedulerState&) = delete;
  SchedulerState& operator=(const SchedulerState&) = delete;

  const Model& model() const noexcept { return model_; }
  std::shared_ptr<RequestState> add(std::shared_ptr<RequestState> request);
  bool step();
  std::size_t size() const noexcept;

 private:
  Model model_;
  RaggedBatch batch_;
  std::size_t most_at_once_;
  std::vector<std::shared_ptr<RequestState>> requests_;  // in the order in which they came
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/scheduler_state-inl.hpp"
#endif
