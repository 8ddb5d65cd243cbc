// What is done to the scores of one position before a token is chosen: each step on its own, in the order and with the
// meaning of transformers' logits processors (https://github.com/huggingface/transformers,
// src/transformers/generation/logits_process.py). Scores stay f32, as there; probabilities are f64.
//
// The first steps see every token of the vocabulary; top-k cuts the list down to candidates, which the others work on.
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

/// score < 0 ? score * penalty : score / penalty for the tokens of `ids`, each of which stands there once.
/// https://arxiv.org/abs/1909.05858, section 4.1.
void penalize_repetition(std::span<float> scores, std::span<const TokenId> ids, float penalty) noexcept;

/// Minus infinity for each token that would complete a word: those of one token always, the others where `ids` end with
/// all of the word but its last token.
void forbid_bad_words(std::span<float> scores, std::span<const TokenId> ids,
                      std::span<const std::vector<TokenId>> bad_words) noexcept;

/// score / temperature.
void apply_temperature(std::span<float> scores, float temperature) noexcept;

/// The lowest of the `k` largest scores: those below it are dropped, so that ties at the border all stay. Minus
/// infinity for k = 0 (all stay).
float top_k_threshold(std::span<const float> scores, std::size_t k, std::vector<float>& largest);

/// The tokens whose score is at least `threshold` (and not minus infinity), ids ascending, with their weights.
void collect_candidates(std::span<const float> scores, float threshold, std::vector<Candidate>& candidates);

/// Drops the least likely tokens as long as what is dropped has a probability of at most 1 - p together; the likeliest
/// always stays. Of equal tokens the higher id goes first. https://arxiv.org/abs/1904.09751
void keep_top_p(std::vector<Candidate>& candidates, double p);

/// Drops tokens that are less than `p` times as likely as the likeliest. https://arxiv.org/abs/2407.01082
void keep_min_p(std::vector<Candidate>& candidates, double p);

/// Sum of the candidates' weights, first to last.
double total_weight(std::span<const Candidate> candidates) noexcept;

/// The candidate that a number in [0, 1) falls on when their weights lie side by side.
const Candidate& candidate_at(std::span<const Candidate> candidates, double uniform) noexcept;

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/logits_processors-inl.hpp"
#endif
