// GenerateOptions, looked at once: here every value of the host is checked, and nowhere after.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/beam_plan.hpp"
#include "eigenformer/generate/guidance.hpp"
#include "eigenformer/generate/logits_processor.hpp"
#include "eigenformer/generate/sampler.hpp"
#include "eigenformer/model_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

/// What a request comes to, for a model and a prompt.
struct DecodingPlan {
  SamplerOptions sampling;           ///< of the first sequence
  LogitsProcessors processors = {};  ///< all of them, in order: what searches run that do not go by `sampling`
  BeamPlan beams = {};
  std::size_t length = 0;                ///< tokens, the prompt's included, after which it ends
  std::vector<TokenId> end_tokens = {};  ///< ascending
  std::optional<GuidancePlan> guidance = {};
  bool reports_probabilities = false;  ///< GenerateOptions::log_probabilities

  /// Of tokens behind a beam: one more than may end it, so that one at least goes on; 2 or more.
  std::size_t least_candidates() const { return std::max<std::size_t>(2, end_tokens.size() + 1); }
};

/// Throws UsageError "usage.option_range" for the first option whose value is out of its range,
/// "usage.greedy_sequences" where several sequences would all be the same, "usage.not_generative" where the model does
/// not predict tokens, "usage.no_encoder" where an option is for encoder-decoders and the model is none.
void check_options(const GenerateOptions& options, const ModelState& model);

/// The same for a reply, which is one sequence: UsageError "usage.reply_sequences" for more.
void check_reply_options(const GenerateOptions& options, const ModelState& model);

/// Throws UsageError "usage.prompt_empty", "usage.token_id", and for an encoder-decoder, whose encoder reads it,
/// "usage.prompt_too_long".
void check_prompt(std::span<const TokenId> prompt, const ModelState& model);

struct Room {
  std::size_t prompt_tokens = 0;
  std::size_t context_length = 0;
};

/// What the options, which have been checked, come to for that prompt in that context. Throws
/// UsageError "usage.prompt_too_long" where there is no room for a new token behind it or the unconditional prompt,
/// "usage.max_length" where max_length is that of the prompt or less.
DecodingPlan plan_decoding(const GenerateOptions& options, const ModelState& model, const Room& room);

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/generate/decoding_plan-inl.hpp"
#endif
