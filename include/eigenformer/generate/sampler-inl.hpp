#pragma once

#include <algorithm>
#include <bit>
#include <string>

#include "eigenformer/core/math.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/generate/largest_score.hpp"
#include "eigenformer/generate/run_processors.hpp"
#include "eigenformer/generate/sampler.hpp"
#include "eigenformer/kernels/floating_point_guard.hpp"
#include "eigenformer/ops/log_softmax.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace sampler_detail {

inline bool is_finite(float value) noexcept {
  return (std::bit_cast<std::uint32_t>(value) & 0x7F800000U) != 0x7F800000U;
}

/// The `count` largest scores, largest first.
inline std::vector<Candidate> likeliest(std::span<const float> scores, std::size_t count) {
  std::vector<float> largest;
  std::vector<Candidate> candidates;
  collect_candidates(scores, top_k_threshold(scores, count, largest), candidates);
  const std::size_t kept = std::min(count, candidates.size());
  order_likeliest(candidates, kept);
  candidates.resize(kept);
  return candidates;
}

inline constexpr double k_bit = 0.6931471805599453;  // ln 2: nats in a bit

/// Drops tokens of more than `bits` of surprise; the likeliest always stays.
inline void drop_surprising(double bits, std::vector<Candidate>& candidates) {
  order_likeliest(candidates, candidates.size());
  const double least_weight = exponential(-bits * k_bit) * total_weight(candidates);
  const auto first = candidates.begin() + 1;
  candidates.erase(
      std::find_if(first, candidates.end(), [=](const Candidate& one) { return one.weight < least_weight; }),
      candidates.end());
}

}  // namespace sampler_detail

EIGENFORMER_INLINE void require_finite(std::span<const float> logits, std::size_t position) {
  std::uint32_t not_finite = 0;
  for (const float logit : logits) not_finite |= static_cast<std::uint32_t>(!sampler_detail::is_finite(logit));
  if (not_finite == 0) return;
  const auto place = std::find_if_not(logits.begin(), logits.end(), sampler_detail::is_finite);
  const char* found = *place > 0 ? "infinity" : *place < 0 ? "minus infinity" : "not a number";
  throw NumericError({.id = "numeric.logits_not_finite",
                      .expected = "finite logits",
                      .found = std::string(found) + " for token " + std::to_string(place - logits.begin()),
                      .where = "position " + std::to_string(position),
                      .remedy =
                          "the weights may be damaged, or too large for the cache's f16: fetch the model again, or "
                          "load it with an f32 cache"});
}

EIGENFORMER_INLINE Sampler::Sampler(SamplerOptions options)
    : options_(std::move(options)), most_surprise_(options_.mirostat ? 2 * options_.mirostat->surprise : 0) {
  if (options_.mirostat || options_.alternatives > 0) options_.wants_probability = true;
}

EIGENFORMER_INLINE void Sampler::learn(const Choice& choice) noexcept {
  if (!options_.mirostat) return;
  const double surprise = -choice.log_probability / sampler_detail::k_bit;
  most_surprise_ -= options_.mirostat->learning_rate * (surprise - options_.mirostat->surprise);
}

EIGENFORMER_INLINE Choice Sampler::choose(std::span<const float> logits, const ProcessedText& text,
                                          SamplingBuffers& buffers) const {
  // The host's thread may flush small numbers to zero. The arithmetic is called by a pointer that the compiler cannot
  // see through, so that it moves nothing out of the guard.
  const kernels::FloatingPointGuard guard;
  Choice (Sampler::*volatile arithmetic)(std::span<const float>, const ProcessedText&, SamplingBuffers&) const =
      &Sampler::choose_guarded;
  return (this->*arithmetic)(logits, text, buffers);
}

EIGENFORMER_INLINE Choice Sampler::choose_guarded(std::span<const float> logits, const ProcessedText& text,
                                                  SamplingBuffers& buffers) const {
  require_finite(logits, text.ids.size());
  if (options_.temperature > 0) return draw(candidates(logits, text, buffers), text);
  if (options_.processors.empty()) return choose_largest(logits);
  copy_processed(logits, text, buffers);
  return choose_largest(buffers.scores);
}

EIGENFORMER_INLINE bool Sampler::leaves_a_token(std::span<const float> logits, const ProcessedText& text,
                                                SamplingBuffers& buffers) const {
  require_finite(logits, text.ids.size());
  run_rules(logits, text, buffers);
  return std::any_of(buffers.scores.begin(), buffers.scores.end(), sampler_detail::is_finite);
}

EIGENFORMER_INLINE void Sampler::run_rules(std::span<const float> logits, ProcessedText text,
                                           SamplingBuffers& buffers) const {
  buffers.scores.assign(logits.begin(), logits.end());
  text.sequence = options_.sequence;
  run_processors(options_.processors, text, buffers.scores);
}

EIGENFORMER_INLINE void Sampler::copy_processed(std::span<const float> logits, const ProcessedText& text,
                                                SamplingBuffers& buffers) const {
  run_rules(logits, text, buffers);
  if (options_.processors.empty()) return;
  if (std::none_of(buffers.scores.begin(), buffers.scores.end(), sampler_detail::is_finite)) refuse_no_token_left();
}

EIGENFORMER_INLINE std::span<const Candidate> Sampler::candidates(std::span<const float> logits,
                                                                  const ProcessedText& text,
                                                                  SamplingBuffers& buffers) const {
  copy_processed(logits, text, buffers);
  apply_temperature(buffers.scores, static_cast<float>(options_.temperature));
  const float threshold = top_k_threshold(buffers.scores, options_.top_k, buffers.largest);
  collect_candidates(buffers.scores, threshold, buffers.candidates);
  if (options_.top_p < 1) keep_top_p(buffers.candidates, options_.top_p);
  if (options_.min_p > 0) keep_min_p(buffers.candidates, options_.min_p);
  if (options_.mirostat) sampler_detail::drop_surprising(most_surprise_, buffers.candidates);
  return buffers.candidates;
}

EIGENFORMER_INLINE Choice Sampler::choose_largest(std::span<const float> scores) const {
  const std::size_t index = index_of_largest(scores);
  Choice choice{static_cast<TokenId>(index)};
  if (!options_.wants_probability) return choice;
  const ops::LogSoftmax log_probability(*options_.kernels, scores);
  choice.log_probability = log_probability(scores[index]);
  if (options_.alternatives > 0) {
    for (const Candidate& one : sampler_detail::likeliest(scores, options_.alternatives)) {
      choice.alternatives.push_back({one.id, log_probability(one.score)});
    }
  }
  return choice;
}

EIGENFORMER_INLINE Choice Sampler::draw(std::span<const Candidate> candidates, const ProcessedText& text) const {
  const double number = uniform({.seed = options_.seed,
                                 .sequence = options_.sequence,
                                 .position = static_cast<std::uint32_t>(text.ids.size()),
                                 .attempt = text.attempt});
  const Candidate& drawn = candidate_at(candidates, number);
  Choice choice{drawn.id};
  if (!options_.wants_probability) return choice;
  const double total = total_weight(candidates);
  choice.log_probability = logarithm(drawn.weight / total);
  if (options_.alternatives > 0) {
    std::vector<Candidate> ordered(candidates.begin(), candidates.end());
    const std::size_t count = std::min(options_.alternatives, ordered.size());
    order_likeliest(ordered, count);
    for (const Candidate& one : std::span(ordered).first(count)) {
      choice.alternatives.push_back({one.id, logarithm(one.weight / total)});
    }
  }
  return choice;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
