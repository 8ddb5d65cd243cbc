// Beam search, beam sampling and diverse beam search.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate/beam_group.hpp"
#include "eigenformer/generate/beam_hypotheses.hpp"
#include "eigenformer/generate/decoding_plan.hpp"
#include "eigenformer/generate/sequence.hpp"
#include "eigenformer/generate/text_writer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// One search from one prompt. Whoever drives it computes the pending tokens of its sequences, side by side, and hands
/// it their logits, until it is finished. Beams share the prompt, and what else they have in common, page by page.
class BeamSearch {
 public:
  /// `prompt` has been computed; its logits come with the first `choose`. `writer` finds stop strings, where there are
  /// some. `plan` outlives it.
  BeamSearch(const DecodingPlan& plan, Sequence prompt, const std::optional<TextWriter>& writer);

  bool finished() const noexcept;
  /// The sequences that go on, each with one pending token once a token has been chosen.
  std::vector<Sequence*> sequences();
  /// Takes the logits behind each of `sequences`, in that order, and chooses what follows. Throws NumericError
  /// "numeric.logits_not_finite", UsageError "usage.no_token_left", "usage.processor_scores".
  void choose(std::span<const std::span<const float>> logits);
  /// Ends it here: what there is counts as it is, with FinishReason::cancelled.
  void cancel();
  /// The best `count` texts, or as many as there are, best first; of equal ones that of the earlier group.
  std::vector<Hypothesis> best(std::size_t count) const;

 private:
  void choose_guarded(std::span<const std::span<const float>> logits);

  const DecodingPlan& plan_;
  std::vector<BeamGroup> groups_;
  std::vector<float> buffer_;  // [beams of a group][vocabulary]
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/beam_search-inl.hpp"
#endif
