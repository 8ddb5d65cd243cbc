// Who guesses the tokens that follow, so that a model may compute several places in one step (speculative decoding).
//
// The guesses decide nothing: each place's token is chosen from the model's own logits by the sequence's own sampler,
// whose draw depends on seed, sequence and place alone. A guess that is that token saves a step; the first that is not
// ends the run. So the tokens are those of plain decoding, greedy and drawn. https://arxiv.org/abs/2211.17192
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/continuation.hpp"
#include "eigenformer/model_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// Tokens that are drafted for one step, at most.
inline constexpr std::size_t k_most_drafted = 1024;
/// Steps without drafts after many drafts of which nothing was right: guesses that begin to be right are found soon.
inline constexpr std::size_t k_longest_rest = 15;

class Drafter {
 public:
  virtual ~Drafter() = default;
  /// At most `most` tokens that may follow what the continuation has; may be none. Throws what a draft model's step
  /// throws.
  virtual std::vector<TokenId> draft(const Continuation& continuation, std::size_t most) = 0;
  /// One of its own for a sequence that has the same past.
  virtual std::unique_ptr<Drafter> fork() const = 0;

 protected:
  Drafter() = default;
  Drafter(const Drafter&) = default;
  Drafter& operator=(const Drafter&) = default;
};

/// What the options, which have been checked, ask for: prompt lookup before a draft model, as in transformers; null for
/// neither. `prompt` is what the request begins with (of an encoder-decoder: the source); `cancel`, rather than that of
/// the options, stops a draft model.
std::unique_ptr<Drafter> make_drafter(const GenerateOptions& options, std::span<const TokenId> prompt,
                                      const CancelToken& cancel);

/// Throws UsageError "usage.option_range", "usage.draft_two_streams" for a model that computes one place a step,
/// "usage.draft_kind" and "usage.draft_vocabulary" for a draft model that cannot stand in for this one,
/// "usage.not_generative" for one that predicts nothing.
void check_draft_options(const GenerateOptions& options, const ModelState& model);

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/drafter-inl.hpp"
#endif
