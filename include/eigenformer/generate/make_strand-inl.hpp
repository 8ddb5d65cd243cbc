#pragma once

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
  if (model.has_tokenizer() || !options.stop.empty()) writer.emplace(model.tokenizer(), options.stop);
  return Strand({.model = state,
                 .continuation = Continuation(std::move(start.sequence), plan),
                 .writer = std::move(writer),
                 .drafter = make_drafter(options, start.prompt)});
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
