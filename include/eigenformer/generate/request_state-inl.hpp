#pragma once

#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/generate/beam_request.hpp"
#include "eigenformer/generate/first_sequence.hpp"
#include "eigenformer/generate/make_strand.hpp"
#include "eigenformer/generate/request_state.hpp"
#include "eigenformer/generate/sampled_request.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE RequestState::RequestState(RequestWatch watch)
    : texts_(watch.sequences), cancel_(std::move(watch.cancel)), on_text_(std::move(watch.on_text)) {}

EIGENFORMER_INLINE void RequestState::add_text(std::size_t sequence, std::string_view piece) {
  if (piece.empty()) return;
  texts_[sequence] += piece;
  if (on_text_) on_text_({sequence, piece});
}

EIGENFORMER_INLINE void RequestState::stop() {
  if (!over_) finish();
}

EIGENFORMER_INLINE void RequestState::finish() {
  results_ = end();
  over_ = true;
  release();
}

EIGENFORMER_INLINE void RequestState::fail(std::exception_ptr failure) noexcept {
  failure_ = std::move(failure);
  if (!std::exchange(over_, true)) release();
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

EIGENFORMER_INLINE std::shared_ptr<RequestState> make_request(const Model& model, std::span<const TokenId> prompt,
                                                              const GenerateOptions& options, TextCallback on_text) {
  const ModelState& state = model.state();
  RequestWatch watch{.sequences = options.num_return_sequences, .on_text = std::move(on_text)};
  Sequence sequence = first_sequence(state, prompt, options);
  if (options.num_beams.value_or(1) > 1) {
    watch.cancel = options.cancel.value_or(CancelToken());
    return std::make_shared<BeamRequest>(model, std::move(sequence), options, std::move(watch));
  }
  Strand strand = make_strand(model,
                              {.sequence = std::move(sequence),
                               .prompt = prompt,
                               .context_length = state.info.context_length,
                               .wants_score = true},
                              options);
  watch.cancel = strand.cancel_token();
  return std::make_shared<SampledRequest>(std::move(strand), std::move(watch));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
