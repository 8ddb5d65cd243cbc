#pragma once

#include <exception>
#include <utility>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/generate/request_state.hpp"
#include "eigenformer/generate/scheduler_state.hpp"
#include "eigenformer/scheduler.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

EIGENFORMER_INLINE bool Request::finished() const noexcept { return state_->finished(); }
EIGENFORMER_INLINE Result<std::vector<GeneratedSequence>> Request::result() const {
  return attempt([&] { return state_->checked_results(); });
}
EIGENFORMER_INLINE std::string_view Request::text(std::size_t sequence) const noexcept {
  return state_->text(sequence);
}
EIGENFORMER_INLINE std::string Request::take_text() {
  const std::string_view text = state_->text(0);
  return std::string(text.substr(std::exchange(taken_, text.size())));
}
EIGENFORMER_INLINE void Request::cancel() const noexcept { state_->cancel_token().cancel(); }

EIGENFORMER_INLINE Scheduler::Scheduler(const Model& model, const SchedulerOptions& options)
    : state_(std::make_unique<generation::SchedulerState>(model, options)) {}
EIGENFORMER_INLINE Result<Scheduler> Scheduler::try_make(const Model& model, const SchedulerOptions& options) {
  return attempt([&] { return Scheduler(model, options); });
}
EIGENFORMER_INLINE Scheduler::Scheduler(Scheduler&&) noexcept = default;
EIGENFORMER_INLINE Scheduler& Scheduler::operator=(Scheduler&&) noexcept = default;
EIGENFORMER_INLINE Scheduler::~Scheduler() = default;

EIGENFORMER_INLINE Request Scheduler::submit(std::string_view prompt, const GenerateOptions& options,
                                             TextCallback on_text) {
  return submit(state_->model().tokenizer().encode(prompt), options, std::move(on_text));
}
EIGENFORMER_INLINE Request Scheduler::submit(std::span<const TokenId> prompt, const GenerateOptions& options,
                                             TextCallback on_text) {
  const Model& model = state_->model();
  generation::check_options(options, model.state());
  generation::check_prompt(prompt, model.state());
  return Request(state_->add(generation::make_request(model, prompt, options, std::move(on_text))));
}
EIGENFORMER_INLINE Result<Request> Scheduler::try_submit(std::string_view prompt, const GenerateOptions& options,
                                                         TextCallback on_text) {
  return attempt([&] { return submit(prompt, options, std::move(on_text)); });
}
EIGENFORMER_INLINE Result<Request> Scheduler::try_submit(std::span<const TokenId> prompt,
                                                         const GenerateOptions& options, TextCallback on_text) {
  return attempt([&] { return submit(prompt, options, std::move(on_text)); });
}

EIGENFORMER_INLINE bool Scheduler::step() { return state_->step(); }
EIGENFORMER_INLINE Result<bool> Scheduler::try_step() {
  return attempt([&] { return step(); });
}
EIGENFORMER_INLINE void Scheduler::run() {
  while (step()) {
  }
}
EIGENFORMER_INLINE Result<void> Scheduler::try_run() {
  return attempt([&] { run(); });
}
EIGENFORMER_INLINE std::size_t Scheduler::size() const noexcept { return state_->size(); }

}  // namespace eigenformer::inline EIGENFORMER_ABI
