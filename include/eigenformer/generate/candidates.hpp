// From scores to the tokens that may be drawn: temperature, then filters, with the meaning of transformers' logits
// warpers (https://github.com/huggingface/transformers, src/transformers/generation/logits_process.py). Scores stay
// f32, as there; probabilities are f64.
//
// Temperature and top-k see every token of the vocabulary; top-k cuts the list down to candidates, which the others
// work on.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// A token that may be chosen.
struct Candidate {
  TokenId id;
  float score;
  double weight;  ///< exp(score - the largest score): its probability, but for a factor that all share
};

/// Memory that choosing a token works in, kept from one token to the next.
struct SamplingBuffers {
  std::vector<float> scores;   ///< [vocabulary]
  std::vector<float> largest;  ///< [top_k]
  std::vector<Candidate> candidates;
};

/// score / temperature.
void apply_temperature(std::span<float> scores, float temperature) noexcept;

/// The lowest of the `k` largest scores: those below it are dropped, so that ties at the border all stay. Minus
/// infinity for k = 0 (all stay).
float top_k_threshold(std::span<const float> scores, std::size_t k, std::vector<float>& largest);

/// The tokens whose score is at least `threshold` (and not minus infinity), ids ascending, with their weights.
void collect_candidates(std::span<const float> scores, float threshold, std::vector<Candidate>& candidates);

/// Drops the least likely tokens as long as what is dropped has a probability of at most 1 - p together; the likeliest
/// always stays, as do the `least` likeliest. Of equal tokens the higher id goes first; those that stay are put in
/// order. https://arxiv.org/abs/1904.09751
void keep_top_p(std::vector<Candidate>& candidates, double p, std::size_t least = 1);

/// Drops tokens that are less than `p` times as likely as the likeliest, but for the `least` likeliest.
/// https://arxiv.org/abs/2407.01082
void keep_min_p(std::vector<Candidate>& candidates, double p, std::size_t least = 1);

/// Puts the `count` likeliest in front, likeliest first, of equal ones the lower id; the others follow in any order.
void order_likeliest(std::vector<Candidate>& candidates, std::size_t count);

/// Sum of the candidates' weights, first to last.
double total_weight(std::span<const Candidate> candidates) noexcept;

/// The candidate that a number in [0, 1) falls on when their weights lie side by side.
const Candidate& candidate_at(std::span<const Candidate> candidates, double uniform) noexcept;

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/candidates-inl.hpp"
#endif
