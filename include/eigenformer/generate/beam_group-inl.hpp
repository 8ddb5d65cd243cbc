#pragma once

#include <algorithm>
#include <iterator>
#include <utility>

#include "eigenformer/core/math.hpp"
#include "eigenformer/generate/beam_group.hpp"
#include "eigenformer/generate/run_processors.hpp"
#include "eigenformer/generate/sampler.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE BeamGroup::BeamGroup(const DecodingPlan& plan, Beam first)
    : plan_(plan),
      prompt_tokens_(first.sequence.ids.size()),
      length_(prompt_tokens_),
      hypotheses_(plan.beams.group_size()) {
  beams_.push_back(std::move(first));
}

EIGENFORMER_INLINE void BeamGroup::choose(const BeamStep& step, std::vector<float>& buffer) {
  const std::vector<BeamCandidate> all = candidates(step, buffer);
  std::vector<Continued> chosen = settle(all);
  const bool nothing_goes_on = chosen.empty();
  const float best_score =
      plan_.beams.is_grouped() || nothing_goes_on ? all.front().score : chosen.front().candidate.score;
  advance(std::move(chosen));
  bool is_over = nothing_goes_on || cannot_improve(best_score);
  if (!is_over && length_ == plan_.length) {  // of a group alone, none goes on then
    add_beams(FinishReason::length);
    is_over = true;
  }
  if (is_over) end();
}

EIGENFORMER_INLINE std::vector<BeamCandidate> BeamGroup::candidates(const BeamStep& step,
                                                                    std::vector<float>& buffer) const {
  const std::size_t vocabulary_size = step.logits.front().size();
  buffer.resize(beams_.size() * vocabulary_size);
  for (std::size_t index = 0; index < beams_.size(); ++index) {
    score_tokens(beams_[index], step, index, std::span(buffer).subspan(index * vocabulary_size, vocabulary_size));
  }
  const BeamScores scores{buffer, vocabulary_size};
  const std::size_t count = plan_.least_candidates() * plan_.beams.group_size();
  const Draw draw{
      .seed = plan_.beams.seed, .position = static_cast<std::uint32_t>(length_), .purpose = DrawPurpose::beam};
  std::vector<BeamCandidate> found =
      plan_.beams.draws ? drawn_candidates(scores, count, draw) : best_candidates(scores, count);
  if (found.empty()) refuse_no_token_left();
  return found;
}

EIGENFORMER_INLINE void BeamGroup::score_tokens(const Beam& beam, const BeamStep& step, std::size_t index,
                                                std::span<float> scores) const {
  require_finite(step.logits[index], length_);
  log_softmax(*plan_.sampling.kernels, step.logits[index], scores);
  const ProcessedText text{.ids = beam.sequence.ids,
                           .prompt_tokens = prompt_tokens_,
                           .source_ids = beam.sequence.source_ids,
                           .earlier_group_tokens = step.earlier_tokens};
  run_processors(plan_.processors, text, scores);
  for (float& score : scores) score += beam.score;
}

EIGENFORMER_INLINE std::optional<FinishReason> BeamGroup::end_of(const BeamCandidate& candidate,
                                                                 std::optional<TextWriter>& writer) const {
  if (std::binary_search(plan_.end_tokens.begin(), plan_.end_tokens.end(), candidate.token)) {
    return FinishReason::end_token;
  }
  if (writer) {
    writer->push(candidate.token);
    if (writer->stopped()) return FinishReason::stop_string;
  }
  if (!plan_.beams.is_grouped() && length_ + 1 == plan_.length) return FinishReason::length;
  return std::nullopt;
}

/// Those that end become hypotheses if they are among the best; of the others the best go on.
EIGENFORMER_INLINE std::vector<BeamGroup::Continued> BeamGroup::settle(std::span<const BeamCandidate> candidates) {
  std::vector<Continued> chosen;
  for (std::size_t rank = 0; rank < candidates.size(); ++rank) {
    const BeamCandidate& candidate = candidates[rank];
    const Beam& beam = beams_[candidate.beam];
    std::optional<TextWriter> writer = beam.writer;
    if (const std::optional<FinishReason> reason = end_of(candidate, writer)) {
      if (rank >= plan_.beams.group_size()) continue;
      std::vector<TokenId> ids = beam.sequence.ids;
      ids.push_back(candidate.token);
      add_hypothesis(ids, static_cast<double>(candidate.score), *reason);
    } else {
      chosen.push_back({candidate, std::move(writer)});
    }
  }
  if (plan_.beams.draws) {
    std::sort(chosen.begin(), chosen.end(), [](const Continued& left, const Continued& right) {
      return goes_before(left.candidate, right.candidate);
    });
  }
  if (chosen.size() > plan_.beams.group_size()) {
    chosen.erase(chosen.begin() + static_cast<std::ptrdiff_t>(plan_.beams.group_size()), chosen.end());
  }
  return chosen;
}

/// The last child of a beam takes over its cache, the others share its pages; beams without children leave theirs.
EIGENFORMER_INLINE void BeamGroup::advance(std::vector<Continued> chosen) {
  std::vector<std::size_t> children(beams_.size());
  for (const Continued& each : chosen) ++children[each.candidate.beam];
  std::vector<Beam> next;
  next.reserve(chosen.size());
  for (Continued& each : chosen) {
    Sequence& parent = beams_[each.candidate.beam].sequence;
    const bool is_last = --children[each.candidate.beam] == 0;
    next.push_back({is_last ? std::move(parent) : parent, each.candidate.score, std::move(each.writer)});
    next.back().sequence.ids.push_back(each.candidate.token);
  }
  beams_ = std::move(next);
  ++length_;
  last_tokens_.clear();
  for (const Beam& beam : beams_) last_tokens_.push_back(beam.sequence.ids.back());
}

EIGENFORMER_INLINE void BeamGroup::add_hypothesis(std::span<const TokenId> ids, double score, FinishReason reason) {
  const std::span<const TokenId> new_ids = ids.subspan(prompt_tokens_);
  hypotheses_.add({{new_ids.begin(), new_ids.end()}, penalized(score, new_ids.size()), reason});
}

EIGENFORMER_INLINE void BeamGroup::add_beams(FinishReason reason) {
  for (const Beam& beam : beams_) add_hypothesis(beam.sequence.ids, static_cast<double>(beam.score), reason);
}

EIGENFORMER_INLINE void BeamGroup::end() {
  done_ = true;
  beams_.clear();
}

EIGENFORMER_INLINE void BeamGroup::cancel() {
  add_beams(FinishReason::cancelled);
  end();
}

EIGENFORMER_INLINE double BeamGroup::penalized(double score, std::size_t new_tokens) const {
  if (new_tokens == 0) return score;
  return score / power(static_cast<double>(new_tokens), plan_.beams.length_penalty);
}

/// Whether a beam whose tokens' scores sum up to `best_score` would not become one of the hypotheses. What it scores in
/// the end is a guess, that of `early_stopping`.
EIGENFORMER_INLINE bool BeamGroup::cannot_improve(float best_score) const {
  if (!hypotheses_.full()) return false;
  if (plan_.beams.early_stopping == EarlyStopping::yes) return true;
  const bool goes_on_to_the_end = plan_.beams.early_stopping == EarlyStopping::never && plan_.beams.length_penalty > 0;
  const std::size_t tokens = (goes_on_to_the_end ? plan_.length : length_) - prompt_tokens_;
  return penalized(static_cast<double>(best_score), tokens) <= hypotheses_.worst_score();
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
