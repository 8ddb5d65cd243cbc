// Which tokens behind which beams may follow: the best, or some that are drawn.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/philox.hpp"
#include "eigenformer/kernels/kernel_table.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// A token behind a beam.
struct BeamCandidate {
  std::size_t beam;
  TokenId token;
  float score;  ///< of the beam and the token together

  bool operator==(const BeamCandidate&) const = default;
};

/// Higher scores first; of equal ones the lower beam, then the lower token.
bool goes_before(const BeamCandidate& left, const BeamCandidate& right) noexcept;

/// Scores of all tokens behind all beams: [beams][vocabulary], minus infinity where a token may not follow.
struct BeamScores {
  std::span<const float> values;
  std::size_t vocabulary_size = 0;

  BeamCandidate at(std::size_t index) const noexcept {
    return {index / vocabulary_size, static_cast<TokenId>(index % vocabulary_size), values[index]};
  }
};

/// Log-probabilities in double precision, rounded once.
void log_softmax(const kernels::KernelTable& kernels, std::span<const float> logits, std::span<float> scores) noexcept;

/// The best `count`, or as many as there are, best first.
std::vector<BeamCandidate> best_candidates(const BeamScores& scores, std::size_t count);

/// `count`, or as many as have a probability above 0, one after another by their probability among those that are left:
/// softmax of the scores, without replacement, as torch.multinomial. Draw number n takes `draw.attempt` n.
std::vector<BeamCandidate> drawn_candidates(const BeamScores& scores, std::size_t count, Draw draw);

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/beam_candidates-inl.hpp"
#endif
