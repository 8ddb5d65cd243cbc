#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "eigenformer/generate/decoding_plan.hpp"
#include "eigenformer/generate/make_strand.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

EIGENFORMER_INLINE Strand make_strand(const Model& model, StrandStart start, const GenerateOptions& options) {
  const ModelState& state = model.state();
  DecodingPlan plan = plan_decoding(
      options, state, {.prompt_tokens = start.sequence.ids.size(), .context_length = start.context_length});
  plan.sampling.wants_probability |= start.wants_score;
  std::optional<TextWriter> writer;
  const bool needs_text = !options.stop.empty() || !options.banned_strings.empty();
  if (model.has_tokenizer() || needs_text) writer.emplace(model.tokenizer(), options.stop);
  std::optional<HeldTokens> held;
  if (!options.banned_strings.empty()) held.emplace(std::make_shared<const BannedStrings>(options));
  std::optional<Guidance> guidance;
  if (plan.guidance) guidance.emplace(*plan.guidance, state, start.sequence.ids);
  const CancelToken cancel = options.cancel.value_or(CancelToken());
  return Strand({.model = state,
                 .continuation = Continuation(std::move(start.sequence), plan),
                 .writer = std::move(writer),
                 .drafter = make_drafter(options, start.prompt, cancel),
                 .held = std::move(held),
                 .guidance = std::move(guidance),
                 .cancel = cancel});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
