// Beams that compete with each other: those of a plain search, or of one group of a diverse one.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/beam_candidates.hpp"
#include "eigenformer/generate/beam_hypotheses.hpp"
#include "eigenformer/generate/decoding_plan.hpp"
#include "eigenformer/generate/sequence.hpp"
#include "eigenformer/generate/text_writer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// A text that goes on.
struct Beam {
  Sequence sequence;
  float score = 0;                   ///< sum of its tokens' scores, which stay f32 as in transformers
  std::optional<TextWriter> writer;  ///< where there are stop strings to find
};

/// What one step gives a group.
struct BeamStep {
  std::span<const std::span<const float>> logits;  ///< of each of its beams
  std::span<const TokenId> earlier_tokens = {};    ///< what the groups before it have taken at this place
};

/// Begins with one beam, the prompt, and goes on with the best continuations of its beams, as many as the group's size.
/// There may be fewer where few may follow: two beams are never the same text.
///
/// A group alone does what transformers' `_beam_search` does, several do what its `_group_beam_search` did. They differ
/// in what counts at the last place (the best candidates alone, or every beam that goes on) and in what is thought the
/// best that can still come (the best beam that goes on, or the best candidate, though it may have ended).
/// https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/generation/utils.py
/// https://github.com/huggingface/transformers/blob/v4.55.4/src/transformers/generation/beam_search.py
class BeamGroup {
 public:
  /// `plan` outlives it.
  BeamGroup(const DecodingPlan& plan, Beam first);

  /// Chooses what follows. Throws NumericError "numeric.logits_not_finite", UsageError "usage.no_token_left".
  void choose(const BeamStep& step, std::vector<float>& buffer);
  bool done() const noexcept { return done_; }
  /// None when it is done.
  std::span<Beam> beams() noexcept { return beams_; }
  /// What its beams took at the last place.
  std::span<const TokenId> last_tokens() const noexcept { return last_tokens_; }
  /// Ends it here: its beams count as they are.
  void cancel();
  const BeamHypotheses& hypotheses() const noexcept { return hypotheses_; }

 private:
  /// A candidate that does not end its text.
  struct Continued {
    BeamCandidate candidate;
    std::optional<TextWriter> writer;
  };
  std::vector<BeamCandidate> candidates(const BeamStep& step, std::vector<float>& buffer) const;
  void score_tokens(const Beam& beam, const BeamStep& step, std::size_t index, std::span<float> scores) const;
  std::optional<FinishReason> end_of(const BeamCandidate& candidate, std::optional<TextWriter>& writer) const;
  void add_hypothesis(std::span<const TokenId> ids, double score, FinishReason reason);
  std::vector<Continued> settle(std::span<const BeamCandidate> candidates);
  void advance(std::vector<Continued> chosen);
  void add_beams(FinishReason reason);
  void end();
  bool cannot_improve(float best_score) const;
  double penalized(double score, std::size_t new_tokens) const;

  const DecodingPlan& plan_;
  std::size_t prompt_tokens_;
  std::size_t length_;  // tokens of each beam
  std::vector<Beam> beams_;
  std::vector<TokenId> last_tokens_;
  BeamHypotheses hypotheses_;
  bool done_ = false;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/beam_group-inl.hpp"
#endif
