#pragma once

#include <optional>
#include <string>
#include <utility>

#include "eigenformer/generate/batch_generation.hpp"
#include "eigenformer/generate/beam_generation.hpp"
#include "eigenformer/generate/continuation.hpp"
#include "eigenformer/generate/first_sequence.hpp"
#include "eigenformer/generate/sequence.hpp"
#include "eigenformer/generate/text_writer.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace batch_generation_detail {

/// A sequence and its text, where there is a tokenizer.
struct Strand {
  Continuation continuation;
  std::optional<TextWriter> writer;
  std::string text;

  void choose(std::span<const float> logits, SamplingBuffers& buffers) {
    const TokenId token = continuation.choose(logits, buffers);
    if (!writer) return;
    if (!continuation.is_end_token(token)) text += writer->push(token);
    if (writer->stopped()) continuation.end(FinishReason::stop_string);
  }

  GeneratedSequence finish() {
    if (!continuation.finished()) continuation.end(FinishReason::cancelled);
    if (writer) text += writer->finish();
    const std::span<const TokenId> ids = continuation.new_ids();
    return {.ids = {ids.begin(), ids.end()},
            .text = std::move(text),
            .finish_reason = *continuation.reason(),
            .score = continuation.score(),
            .log_probabilities = continuation.log_probabilities(),
            .alternatives = continuation.alternatives()};
  }
};

/// The first strand holds the prompt, the others share its cache. A page that is not full is copied by those that write
/// to it.
inline std::vector<Strand> strands_of(Strand first, std::size_t count) {
  std::vector<Strand> strands;
  strands.reserve(count);
  strands.push_back(std::move(first));
  for (std::uint32_t index = 1; index < count; ++index) {
    strands.push_back({strands[0].continuation.fork(index), strands[0].writer, {}});
  }
  return strands;
}

/// Rounds of one token each until every strand has ended or somebody cancels.
inline void write(std::vector<Strand>& strands, Forward& forward, const ForwardLimits& limits) {
  SamplingBuffers buffers;
  for (Strand& strand : strands) strand.choose(forward.logits(0), buffers);  // all continue the same prompt
  std::vector<Strand*> active;
  std::vector<SequenceStep> steps;
  for (;;) {
    active.clear();
    steps.clear();
    for (Strand& strand : strands) {
      if (strand.continuation.finished()) continue;
      active.push_back(&strand);
      steps.push_back({.sequence = &strand.continuation.sequence()});
    }
    if (active.empty() || !forward.step(steps, limits)) return;
    for (Strand* strand : active) {
      if (!strand->continuation.prepare(limits)) return;
    }
    for (std::size_t row = 0; row < active.size(); ++row) active[row]->choose(forward.logits(row), buffers);
  }
}

}  // namespace batch_generation_detail

EIGENFORMER_INLINE std::vector<GeneratedSequence> generate_batch(const Model& model, std::span<const TokenId> prompt,
                                                                 const GenerateOptions& options) {
  using batch_generation_detail::Strand;
  const ModelState& state = model.state();
  Sequence sequence = first_sequence(state, prompt, options);
  DecodingPlan plan = plan_decoding(
      options, state, {.prompt_tokens = sequence.ids.size(), .context_length = state.info.context_length});
  if (plan.beams.num_beams > 1) return generate_beams(model, std::move(sequence), plan, options);
  plan.sampling.wants_probability = true;
  std::optional<TextWriter> writer;
  if (model.has_tokenizer() || !options.stop.empty()) writer.emplace(model.tokenizer(), options.stop);
  Forward forward(state);
  const ForwardLimits limits{.chunk = options.prefill_chunk,
                             .cancel = options.cancel ? options.cancel->flag() : nullptr};
  Continuation first(std::move(sequence), plan);
  const bool is_computed = forward.run(first.sequence(), limits) && first.prepare(limits);
  std::vector<Strand> strands =
      batch_generation_detail::strands_of({std::move(first), std::move(writer), {}}, options.num_return_sequences);
  if (is_computed) batch_generation_detail::write(strands, forward, limits);
  std::vector<GeneratedSequence> results;
  results.reserve(strands.size());
  for (Strand& strand : strands) results.push_back(strand.finish());
  return results;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
