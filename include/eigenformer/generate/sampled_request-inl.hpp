#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "eigenformer/generate/sampled_request.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE SampledRequest::SampledRequest(Strand first, RequestWatch watch, EndCallback on_end)
    : RequestState(std::move(watch)), pieces_(sequences()), on_end_(std::move(on_end)) {
  strands_.reserve(sequences());
  strands_.push_back(std::move(first));
}

EIGENFORMER_INLINE void SampledRequest::want(std::vector<SequenceStep>& steps) {
  if (!is_begun_) {
    strands_[0].want_pending(steps);
    return;
  }
  for (Strand& strand : strands_) {
    if (!strand.finished()) strand.want(steps);
  }
}

EIGENFORMER_INLINE void SampledRequest::choose(const WantedLogits& logits) {
  if (!is_begun_) fork_first();
  std::size_t row = logits.row;
  for (std::size_t index = 0; index < strands_.size(); ++index) {
    Strand& strand = strands_[index];
    if (strand.finished()) continue;
    const std::size_t outputs = strand.outputs();
    pieces_[index] = strand.take(logits.forward, row, buffers_);
    if (is_begun_) row += outputs;  // else all continue the same prompt
  }
  is_begun_ = true;
}

EIGENFORMER_INLINE void SampledRequest::tell() {
  for (std::size_t index = 0; index < strands_.size(); ++index) add_text(index, std::exchange(pieces_[index], {}));
  const auto has_finished = [](const Strand& strand) { return strand.finished(); };
  if (std::all_of(strands_.begin(), strands_.end(), has_finished)) finish();
}

/// The others share the first one's cache. A page that is not full is copied by those that write to it.
EIGENFORMER_INLINE void SampledRequest::fork_first() {
  while (strands_.size() < sequences()) {
    strands_.push_back(strands_[0].fork(static_cast<std::uint32_t>(strands_.size())));
  }
}

EIGENFORMER_INLINE void SampledRequest::withdraw() noexcept {
  for (Strand& strand : strands_) strand.withdraw();
}

EIGENFORMER_INLINE std::vector<GeneratedSequence> SampledRequest::end() {
  fork_first();
  std::vector<GeneratedSequence> results;
  results.reserve(strands_.size());
  for (std::size_t index = 0; index < strands_.size(); ++index) {
    add_text(index, strands_[index].finish());
    results.push_back(strands_[index].result(std::string(text(index))));
  }
  Continuation& first = strands_[0].continuation();
  if (const EndCallback on_end = std::exchange(on_end_, {})) {
    on_end({first.sequence(), results[0].text, results[0].finish_reason});
  }
  return results;
}

EIGENFORMER_INLINE void SampledRequest::release() noexcept {
  withdraw();
  if (const EndCallback on_end = std::exchange(on_end_, {})) {
    on_end({strands_[0].continuation().sequence(), std::string(), std::nullopt});
  }
  strands_.clear();
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
