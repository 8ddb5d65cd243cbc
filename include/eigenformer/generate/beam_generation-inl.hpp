#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "eigenformer/generate/beam_generation.hpp"
#include "eigenformer/generate/beam_search.hpp"
#include "eigenformer/generate/text_writer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace beam_generation_detail {

/// Rounds of one token for each beam until the search is finished or somebody cancels.
inline void search(BeamSearch& beams, Forward& forward, const ForwardLimits& limits) {
  std::vector<std::span<const float>> logits(beams.sequences().size(),
                                             forward.logits(0));  // all continue the same prompt
  for (;;) {
    beams.choose(logits);
    if (beams.finished()) return;
    std::vector<SequenceStep> steps;
    for (Sequence* sequence : beams.sequences()) steps.push_back({.sequence = sequence});
    if (!forward.step(steps, limits)) return beams.cancel();
    logits.clear();
    for (std::size_t row = 0; row < steps.size(); ++row) logits.push_back(forward.logits(row));
  }
}

inline std::string text_of(const Hypothesis& hypothesis, TextWriter writer) {
  const bool has_end_token = hypothesis.reason == FinishReason::end_token;
  std::string text;
  for (std::size_t index = 0; index + (has_end_token ? 1 : 0) < hypothesis.ids.size(); ++index) {
    text += writer.push(hypothesis.ids[index]);
  }
  return text + writer.finish();
}

}  // namespace beam_generation_detail

EIGENFORMER_INLINE std::vector<GeneratedSequence> generate_beams(const Model& model, Sequence prompt,
                                                                 const DecodingPlan& plan,
                                                                 const GenerateOptions& options) {
  Forward forward(model.state());
  const ForwardLimits limits{.chunk = options.prefill_chunk,
                             .cancel = options.cancel ? options.cancel->flag() : nullptr};
  std::optional<TextWriter> writer;
  if (model.has_tokenizer() || !options.stop.empty()) writer.emplace(model.tokenizer(), options.stop);
  const bool is_computed = forward.run(prompt, limits);
  BeamSearch beams(plan, std::move(prompt), options.stop.empty() ? std::nullopt : writer);
  if (is_computed) {
    beam_generation_detail::search(beams, forward, limits);
  } else {
    beams.cancel();
  }
  std::vector<GeneratedSequence> results;
  for (Hypothesis& hypothesis : beams.best(options.num_return_sequences)) {
    std::string text = writer ? beam_generation_detail::text_of(hypothesis, *writer) : std::string();
    results.push_back({std::move(hypothesis.ids), std::move(text), hypothesis.reason, hypothesis.score});
  }
  return results;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
