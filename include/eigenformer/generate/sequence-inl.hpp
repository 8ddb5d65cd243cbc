#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "eigenformer/generate/sequence.hpp"
#include "eigenformer/nn/two_streams.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE std::size_t replace_prompt(Sequence& sequence, std::vector<TokenId> prompt) {
  const std::size_t in_cache = std::min(sequence.cache.size(), prompt.size() - 1);
  const auto end = prompt.begin() + static_cast<std::ptrdiff_t>(in_cache);
  const auto kept =
      static_cast<std::size_t>(std::mismatch(prompt.begin(), end, sequence.ids.begin()).first - prompt.begin());
  sequence.forget_computed(kept);
  sequence.ids = std::move(prompt);
  return kept;
}

EIGENFORMER_INLINE std::size_t tokens_of_same_frequency(const nn::Network& network, std::size_t size,
                                                        std::size_t wanted) {
  const auto frequency_at = [&](std::size_t tokens) {
    return network.frequency_length(static_cast<std::uint32_t>(tokens));
  };
  while (wanted > 0 && frequency_at(size + wanted) != frequency_at(size)) --wanted;
  return wanted;
}

EIGENFORMER_INLINE bool Forward::prepare(Sequence& sequence, const ForwardLimits& limits) {
  choose_frequencies(sequence);
  place(sequence);
  if (!model_.source || sequence.source) return true;
  sequence.source = encode_source(model_, source_rows(model_, sequence.source_ids), {.cancel = limits.cancel});
  return sequence.source != nullptr;
}

EIGENFORMER_INLINE void Forward::choose_frequencies(Sequence& sequence) const {
  const std::uint32_t wanted = model_.network->frequency_length(static_cast<std::uint32_t>(sequence.ids.size()));
  if (std::exchange(sequence.frequency_length, wanted) != wanted) sequence.cache.truncate(0);
}

// What a sequence begins with is placed together; what follows one by one, as decoding brings it: so a token stands
// where it would stand without those that were drafted beside it.
EIGENFORMER_INLINE void Forward::place(Sequence& sequence) {
  while (sequence.positions.size() < sequence.ids.size()) {
    const std::size_t first = sequence.positions.size();
    const std::size_t end = first == 0 ? sequence.ids.size() : first + 1;
    placed_.clear();
    for (std::size_t slot = first; slot < end; ++slot) {
      placed_.push_back({.token = sequence.ids[slot],
                         .slot = static_cast<std::uint32_t>(slot),
                         .position = static_cast<std::int32_t>(slot)});
    }
    model_.network->place_rows(placed_, nn::ProgramRole::main);
    sequence.positions.reserve(sequence.ids.capacity());  // grows when these do
    sequence.positions.resize(end);                       // of all or of none
    for (std::size_t slot = first; slot < end; ++slot) sequence.positions[slot] = placed_[slot - first].position;
  }
}

EIGENFORMER_INLINE void Forward::clear_rows() noexcept {
  rows_.clear();
  sequences_.clear();
}

EIGENFORMER_INLINE void Forward::append_rows(const Part& part, std::size_t count) {
  const Sequence& sequence = *part.sequence;
  const std::size_t first = sequence.cache.size();
  for (std::size_t slot = first; slot < first + count; ++slot) {
    rows_.push_back({.token = sequence.ids[slot],
                     .sequence = static_cast<std::uint32_t>(sequences_.size()),
                     .slot = static_cast<std::uint32_t>(slot),
                     .position = sequence.positions[slot],
                     .wants_output = slot + part.outputs >= part.end});
  }
  sequences_.push_back(
      {.cache = &part.sequence->cache, .source = sequence.source.get(), .frequency_length = sequence.frequency_length});
}

EIGENFORMER_INLINE bool Forward::run_rows(CancelFlags cancel) {
  return session_.run({rows_, sequences_}, {.cancel = cancel, .pause_at = {}}) == nn::WalkOutcome::finished;
}

// Passes of rows whose logits nobody wants, until what is left fits into one pass with those that somebody wants.
EIGENFORMER_INLINE bool Forward::run_before_outputs(const ForwardLimits& limits) {
  for (;;) {
    std::size_t rows = 0;
    for (const Part& part : parts_) rows += part.rows();
    if (rows <= limits.chunk) return true;
    clear_rows();
    for (const Part& part : parts_) {
      const std::size_t count = std::min(limits.chunk - rows_.size(), part.rows_before_outputs());
      if (count > 0) append_rows(part, count);
    }
    if (rows_.empty()) return true;
    if (!run_rows(limits.cancel)) return false;
  }
}

// As the reference's prepare_inputs_for_generation with its offset of 2: each step reads the last two tokens as a
// segment behind the memory of the others, and the place after them as a target. What is kept of the step is the first
// of the two, which has seen the second. https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/
// models/xlnet/modeling_xlnet.py
EIGENFORMER_INLINE bool Forward::step_by_queries(std::span<const SequenceStep> steps, const ForwardLimits& limits) {
  clear_rows();
  std::vector<std::unique_ptr<const nn::SegmentRows>> segments;  // rows point to what they see
  for (const SequenceStep& step : steps) {
    Sequence* sequence = step.sequence;
    if (!prepare(*sequence, limits)) return false;
    const std::span<const TokenId> tokens = std::span<const TokenId>(sequence->ids).subspan(sequence->cache.size());
    const std::size_t next = tokens.size();
    segments.push_back(std::make_unique<const nn::SegmentRows>(
        nn::Segment{.tokens = tokens, .targets = {&next, 1}, .memory = sequence->cache.size()},
        *model_.network->info().segments));
    for (nn::Row row : segments.back()->rows()) {
      row.sequence = static_cast<std::uint32_t>(sequences_.size());
      rows_.push_back(row);
    }
    sequences_.push_back({.cache = &sequence->cache});
  }
  if (!run_rows(limits.cancel)) return false;
  for (const SequenceStep& step : steps) step.sequence->cache.truncate(step.sequence->ids.size() - 1);
  return true;
}

EIGENFORMER_INLINE bool Forward::step(std::span<const SequenceStep> steps, const ForwardLimits& limits) {
  if (model_.network->info().segments) return step_by_queries(steps, limits);
  parts_.clear();
  for (const SequenceStep& step : steps) {
    if (!prepare(*step.sequence, limits)) return false;
    parts_.push_back({step.sequence, step.sequence->cache.size() + step.rows(), step.outputs});
  }
  if (!run_before_outputs(limits)) return false;
  clear_rows();
  for (const Part& part : parts_) append_rows(part, part.rows());
  return run_rows(limits.cancel);
}

EIGENFORMER_INLINE std::span<const float> Forward::logits(std::size_t row) const {
  const ConstMatrixView all = session_.result("logits");
  return {all.data() + static_cast<Eigen::Index>(row) * all.outerStride(), static_cast<std::size_t>(all.cols())};
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
