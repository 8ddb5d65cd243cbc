#pragma once

#include <algorithm>
#include <utility>

#include "eigenformer/core/attempt.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/batch_generation.hpp"
#include "eigenformer/generate/first_sequence.hpp"
#include "eigenformer/generate/generation_config.hpp"
#include "eigenformer/generate/make_strand.hpp"
#include "eigenformer/generate/reply_state.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

EIGENFORMER_INLINE GenerateOptions generation_options(const Model& model, const GenerationConfig& config,
                                                      const GenerateOptions& options) {
  return generation::read_generation_config(model.state(), config, options);
}

EIGENFORMER_INLINE Result<GenerateOptions> try_generation_options(const Model& model, const GenerationConfig& config,
                                                                  const GenerateOptions& options) {
  return attempt([&] { return generation_options(model, config, options); });
}

EIGENFORMER_INLINE std::vector<GeneratedSequence> generate(const Model& model, std::span<const TokenId> prompt,
                                                           const GenerateOptions& options) {
  generation::check_options(options, model.state());
  generation::check_prompt(prompt, model.state());
  return generation::generate_batch(model, prompt, options);
}

EIGENFORMER_INLINE Result<std::vector<GeneratedSequence>> try_generate(const Model& model,
                                                                       std::span<const TokenId> prompt,
                                                                       const GenerateOptions& options) {
  return attempt([&] { return generate(model, prompt, options); });
}

EIGENFORMER_INLINE Reply begin(const Model& model, std::string_view prompt, const GenerateOptions& options) {
  generation::check_reply_options(options, model.state());
  const ModelState& state = model.state();
  const std::vector<TokenId> ids = model.tokenizer().encode(prompt);
  generation::check_prompt(ids, state);
  generation::Strand strand = generation::make_strand(model,
                                                      {.sequence = generation::first_sequence(state, ids, options),
                                                       .prompt = ids,
                                                       .context_length = state.info.context_length},
                                                      options);
  return Reply(std::make_unique<generation::ReplyState>(
      generation::ReplyParts{.model = model,
                             .forward = std::make_shared<generation::Forward>(state),
                             .strand = std::move(strand),
                             .limits = generation::ForwardLimits{.chunk = options.prefill_chunk},
                             .on_end = {}}));
}

EIGENFORMER_INLINE Result<Reply> try_begin(const Model& model, std::string_view prompt,
                                           const GenerateOptions& options) {
  return attempt([&] { return begin(model, prompt, options); });
}

EIGENFORMER_INLINE Reply::Reply(std::unique_ptr<generation::ReplyState> state) : state_(std::move(state)) {}
EIGENFORMER_INLINE Reply::Reply(Reply&&) noexcept = default;
EIGENFORMER_INLINE Reply& Reply::operator=(Reply&&) noexcept = default;
EIGENFORMER_INLINE Reply::~Reply() = default;

EIGENFORMER_INLINE std::optional<std::string> Reply::next() { return state_->next(); }
EIGENFORMER_INLINE Result<std::optional<std::string>> Reply::try_next() {
  return attempt([&] { return next(); });
}
EIGENFORMER_INLINE void Reply::stop() { state_->stop(); }
EIGENFORMER_INLINE CancelToken Reply::cancel_token() const { return state_->cancel_token(); }
EIGENFORMER_INLINE std::optional<FinishReason> Reply::finish_reason() const noexcept { return state_->reason(); }
EIGENFORMER_INLINE std::span<const TokenId> Reply::ids() const noexcept { return state_->ids(); }
EIGENFORMER_INLINE const std::string& Reply::text() const noexcept { return state_->text(); }
EIGENFORMER_INLINE const ReplyStatistics& Reply::statistics() const noexcept { return state_->statistics(); }

}  // namespace eigenformer::inline EIGENFORMER_ABI
