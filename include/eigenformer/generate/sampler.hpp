// Chooses one token from the logits of one position.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/philox.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/candidates.hpp"
#include "eigenformer/generate/logits_processor.hpp"
#include "eigenformer/kernels/scalar_table.hpp"
#include "eigenformer/tokenizer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// GenerateOptions, checked: what choosing a token needs of it.
struct SamplerOptions {
  LogitsProcessors processors = {};  ///< run before what follows
  double temperature = 0;            ///< 0: greedy
  std::size_t top_k = 0;
  double top_p = 1;
  double min_p = 0;
  std::uint64_t seed = 0;
  std::uint32_t sequence = 0;                    ///< index within the request
  bool wants_probability = false;                ///< costs a sum over the vocabulary where tokens are not drawn
  std::size_t alternatives = 0;                  ///< how many of the likeliest tokens a choice brings with it
  std::optional<MirostatOptions> mirostat = {};  ///< behind all filters, where tokens are drawn
  /// What sums over the vocabulary: the model's, for their speed. All have the same bits.
  const kernels::KernelTable* kernels = &kernels::k_scalar_table;
};

struct Choice {
  TokenId id = 0;
  double log_probability = 0;                  ///< in the distribution it was chosen from; 0 unless wanted
  std::vector<LikelyToken> alternatives = {};  ///< of that distribution, likeliest first
};

/// Throws NumericError "numeric.logits_not_finite" where one is infinite or not a number.
void require_finite(std::span<const float> logits, std::size_t position);

/// How one sequence chooses its tokens.
class Sampler {
 public:
  explicit Sampler(SamplerOptions options);

  /// Draws from here on as that sequence of the request.
  void set_sequence(std::uint32_t index) noexcept { options_.sequence = index; }
  /// Choices bring their probability from here on.
  void want_probability() noexcept { options_.wants_probability = true; }
  /// Chooses the token that follows `text`, whose `sequence` is this sampler's. Throws NumericError where a logit is
  /// not finite, UsageError "usage.no_token_left" where the processors leave none, "usage.processor_scores" where they
  /// make a score infinite or not a number.
  Choice choose(std::span<const float> logits, const ProcessedText& text, SamplingBuffers& buffers) const;
  /// Whether the processors leave a token to choose. Throws as choose() does.
  bool leaves_a_token(std::span<const float> logits, const ProcessedText& text, SamplingBuffers& buffers) const;
  /// Says that the sequence has taken what was chosen: Mirostat moves its border by it.
  void learn(const Choice& choice) noexcept;
  /// Mirostat's border, in bits: all that choices change.
  double most_surprise() const noexcept { return most_surprise_; }
  void set_most_surprise(double bits) noexcept { most_surprise_ = bits; }

  /// The tokens that may be drawn: processors, temperature, top-k, top-p, min-p, Mirostat. At least one; likeliest
  /// first where there is a top-p or Mirostat, else ids ascending. Valid until the buffers are used again.
  std::span<const Candidate> candidates(std::span<const float> logits, const ProcessedText& text,
                                        SamplingBuffers& buffers) const;

 private:
  Choice choose_guarded(std::span<const float> logits, const ProcessedText& text, SamplingBuffers& buffers) const;
  Choice choose_largest(std::span<const float> scores) const;
  Choice draw(std::span<const Candidate> candidates, const ProcessedText& text) const;
  void run_rules(std::span<const float> logits, ProcessedText text, SamplingBuffers& buffers) const;
  void copy_processed(std::span<const float> logits, const ProcessedText& text, SamplingBuffers& buffers) const;

  SamplerOptions options_;
  double most_surprise_;  // Mirostat's border, in bits
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/sampler-inl.hpp"
#endif
