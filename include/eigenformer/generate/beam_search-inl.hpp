#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/generate/beam_search.hpp"
#include "eigenformer/kernels/floating_point_guard.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE BeamSearch::BeamSearch(const DecodingPlan& plan, Sequence prompt,
                                          const std::optional<TextWriter>& writer)
    : plan_(plan) {
  groups_.reserve(plan.beams.num_beam_groups);
  while (groups_.size() + 1 < plan.beams.num_beam_groups) groups_.emplace_back(plan, Beam{prompt, 0, writer});
  groups_.emplace_back(plan, Beam{std::move(prompt), 0, writer});
}

EIGENFORMER_INLINE bool BeamSearch::finished() const noexcept {
  return std::all_of(groups_.begin(), groups_.end(), [](const BeamGroup& group) { return group.done(); });
}

EIGENFORMER_INLINE std::vector<Sequence*> BeamSearch::sequences() {
  std::vector<Sequence*> list;
  for (BeamGroup& group : groups_) {
    for (Beam& beam : group.beams()) list.push_back(&beam.sequence);
  }
  return list;
}

EIGENFORMER_INLINE void BeamSearch::choose(std::span<const std::span<const float>> logits) {
  // As in Sampler::choose: the arithmetic stays inside of the guard.
  const kernels::FloatingPointGuard guard;
  void (BeamSearch::*volatile arithmetic)(std::span<const std::span<const float>>) = &BeamSearch::choose_guarded;
  (this->*arithmetic)(logits);
}

EIGENFORMER_INLINE void BeamSearch::choose_guarded(std::span<const std::span<const float>> logits) {
  std::vector<TokenId> tokens;
  for (BeamGroup& group : groups_) {
    if (group.done()) {
      if (plan_.beams.padding_token) tokens.insert(tokens.end(), plan_.beams.group_size(), *plan_.beams.padding_token);
      continue;
    }
    const std::size_t beams = group.beams().size();
    group.choose({.logits = logits.first(beams), .earlier_tokens = tokens}, buffer_);
    logits = logits.subspan(beams);
    tokens.insert(tokens.end(), group.last_tokens().begin(), group.last_tokens().end());
  }
}

EIGENFORMER_INLINE void BeamSearch::cancel() {
  for (BeamGroup& group : groups_) group.cancel();
}

EIGENFORMER_INLINE std::vector<Hypothesis> BeamSearch::best(std::size_t count) const {
  std::vector<Hypothesis> all;
  for (const BeamGroup& group : groups_) {
    all.insert(all.end(), group.hypotheses().best().begin(), group.hypotheses().best().end());
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Hypothesis& left, const Hypothesis& right) { return left.score > right.score; });
  if (all.size() > count) all.erase(all.begin() + static_cast<std::ptrdiff_t>(count), all.end());
  return all;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
