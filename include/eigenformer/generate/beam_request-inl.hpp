#pragma once

#include <span>
#include <string>
#include <utility>

#include "eigenformer/generate/beam_request.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace beam_request_detail {

inline std::string text_of(const Hypothesis& hypothesis, TextWriter writer) {
  const bool has_end_token = hypothesis.reason == FinishReason::end_token;
  std::string text;
  for (std::size_t index = 0; index + (has_end_token ? 1 : 0) < hypothesis.ids.size(); ++index) {
    text += writer.push(hypothesis.ids[index]);
  }
  return text + writer.finish();
}

}  // namespace beam_request_detail

EIGENFORMER_INLINE BeamRequest::BeamRequest(const Model& model, Sequence prompt, const GenerateOptions& options,
                                            RequestWatch watch)
    : RequestState(std::move(watch)),
      plan_(plan_decoding(options, model.state(),
                          {.prompt_tokens = prompt.ids.size(), .context_length = model.info().context_length})),
      has_stops_(!options.stop.empty()),
      prompt_(std::move(prompt)) {
  if (model.has_tokenizer() || has_stops_) writer_.emplace(model.tokenizer(), options.stop);
}

EIGENFORMER_INLINE void BeamRequest::want(std::vector<SequenceStep>& steps) {
  if (!beams_) {
    steps.push_back({.sequence = &*prompt_});
    return;
  }
  for (Sequence* sequence : beams_->sequences()) steps.push_back({.sequence = sequence});
}

EIGENFORMER_INLINE void BeamRequest::choose(const WantedLogits& logits) {
  const bool is_prompt = !beams_;
  if (is_prompt) begin();
  std::vector<std::span<const float>> rows;
  const std::size_t count = beams_->sequences().size();
  for (std::size_t index = 0; index < count; ++index) {
    rows.push_back(logits.forward.logits(is_prompt ? logits.row : logits.row + index));  // all continue the same prompt
  }
  beams_->choose(rows);
}

EIGENFORMER_INLINE void BeamRequest::tell() {
  if (beams_->finished()) finish();
}

EIGENFORMER_INLINE void BeamRequest::begin() {
  beams_.emplace(plan_, std::move(*prompt_), has_stops_ ? writer_ : std::nullopt);
  prompt_.reset();
}

EIGENFORMER_INLINE std::vector<GeneratedSequence> BeamRequest::end() {
  if (!beams_) begin();
  if (!beams_->finished()) beams_->cancel();
  std::vector<GeneratedSequence> results;
  for (Hypothesis& hypothesis : beams_->best(sequences())) {
    std::string text = writer_ ? beam_request_detail::text_of(hypothesis, *writer_) : std::string();
    add_text(results.size(), text);
    results.push_back({.ids = std::move(hypothesis.ids),
                       .text = std::move(text),
                       .finish_reason = hypothesis.reason,
                       .score = hypothesis.score});
  }
  return results;
}

EIGENFORMER_INLINE void BeamRequest::release() noexcept {
  prompt_.reset();
  beams_.reset();
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
