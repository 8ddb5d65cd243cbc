#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/generate/first_sequence.hpp"
#include "eigenformer/generate/make_strand.hpp"
#include "eigenformer/generate/request_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE RequestState::RequestState(RequestParts parts)
    : texts_(parts.sequences),
      cancel_(std::move(parts.cancel)),
      on_text_(std::move(parts.on_text)),
      on_end_(std::move(parts.on_end)) {
  strands_.reserve(parts.sequences);
  strands_.push_back(std::move(parts.first));
}

EIGENFORMER_INLINE void RequestState::want(std::vector<SequenceStep>& steps) {
  if (cancel_.cancelled()) return stop();
  if (!is_begun_) {
    steps.push_back({.sequence = &strands_[0].continuation().sequence()});
    return;
  }
  for (Strand& strand : strands_) {
    if (!strand.finished()) steps.push_back(strand.next_step());
  }
}

EIGENFORMER_INLINE void RequestState::take(const WantedLogits& logits) {
  if (!is_begun_) begin_strands();
  std::size_t row = logits.row;
  for (std::size_t index = 0; index < strands_.size(); ++index) {
    Strand& strand = strands_[index];
    if (strand.finished()) continue;
    const std::size_t outputs = strand.outputs();
    add_text(index, strand.take(logits.forward, row, buffers_));
    if (is_begun_) row += outputs;  // else all continue the same prompt
  }
  is_begun_ = true;
  const auto has_finished = [](const Strand& strand) { return strand.finished(); };
  if (std::all_of(strands_.begin(), strands_.end(), has_finished)) finish();
}

/// The others share the first one's cache. A page that is not full is copied by those that write to it.
EIGENFORMER_INLINE void RequestState::begin_strands() {
  while (strands_.size() < texts_.size()) {
    strands_.push_back(strands_[0].fork(static_cast<std::uint32_t>(strands_.size())));
  }
}

EIGENFORMER_INLINE void RequestState::add_text(std::size_t index, const std::string& piece) {
  if (piece.empty()) return;
  texts_[index] += piece;
  if (on_text_) on_text_({index, piece});
}

EIGENFORMER_INLINE void RequestState::withdraw() noexcept {
  for (Strand& strand : strands_) strand.withdraw();
}

EIGENFORMER_INLINE void RequestState::stop() {
  if (over_) return;
  begin_strands();
  finish();
}

EIGENFORMER_INLINE void RequestState::finish() {
  results_.reserve(strands_.size());
  for (std::size_t index = 0; index < strands_.size(); ++index) {
    Strand& strand = strands_[index];
    add_text(index, strand.finish());
    results_.push_back(strand.result(texts_[index]));
  }
  over_ = true;
  Continuation& first = strands_[0].continuation();
  if (on_end_) on_end_({first.sequence(), texts_[0], first.reason()});
  strands_.clear();
}

EIGENFORMER_INLINE const std::vector<GeneratedSequence>& RequestState::checked_results() const {
  if (failure_) std::rethrow_exception(failure_);
  if (over_) return results_;
  throw UsageError({.id = "usage.request_running",
                    .expected = "a request that is over",
                    .found = "one that is still computed",
                    .where = "",
                    .remedy = "step the scheduler until the request says that it is finished"});
}

EIGENFORMER_INLINE std::string_view RequestState::text(std::size_t sequence) const noexcept {
  return sequence < texts_.size() ? std::string_view(texts_[sequence]) : std::string_view();
}

EIGENFORMER_INLINE void RequestState::fail(std::exception_ptr failure) noexcept {
  failure_ = std::move(failure);
  give_up();
}

EIGENFORMER_INLINE void RequestState::give_up() noexcept {
  if (std::exchange(over_, true)) return;
  withdraw();
  if (on_end_) on_end_({strands_[0].continuation().sequence(), texts_[0], std::nullopt});
  strands_.clear();
}

EIGENFORMER_INLINE std::shared_ptr<RequestState> make_request(const Model& model, std::span<const TokenId> prompt,
                                                              const GenerateOptions& options, TextCallback on_text) {
  const ModelState& state = model.state();
  Strand first = make_strand(model,
                             {.sequence = first_sequence(state, prompt, options),
                              .prompt = prompt,
                              .context_length = state.info.context_length,
                              .wants_score = true},
                             options);
  return std::make_shared<RequestState>(RequestParts{.first = std::move(first),
                                                     .sequences = options.num_return_sequences,
                                                     .cancel = options.cancel.value_or(CancelToken()),
                                                     .on_text = std::move(on_text)});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
