#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "eigenformer/error.hpp"
#include "eigenformer/generate/banned_strings.hpp"
#include "eigenformer/generate/check_option.hpp"
#include "eigenformer/generate/check_processor_options.hpp"
#include "eigenformer/generate/decoding_plan.hpp"
#include "eigenformer/generate/drafter.hpp"
#include "eigenformer/generate/make_processors.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::generation {

namespace decoding_plan_detail {

inline constexpr std::size_t k_most_tokens = 0x7FFFFFFF;  // positions are 31-bit numbers
inline constexpr std::size_t k_most_sequences = 1024;
inline constexpr std::size_t k_most_chunk = 65536;
inline constexpr TextsRange k_stops{.most = 64, .most_bytes = 1024};

/// What only a model with an encoder can be asked for.
inline void check_decoder_options(const GenerateOptions& options, const ModelState& model) {
  if (model.source) {
    const std::size_t vocabulary_size = model.info.vocabulary_size;
    if (options.decoder_start_token) check_token("decoder_start_token", *options.decoder_start_token, vocabulary_size);
    for (const TokenId token : options.decoder_prompt) check_token("decoder_prompt", token, vocabulary_size);
    if (options.guidance_scale != 1) {
      refuse_option("guidance_scale", "1 for an encoder-decoder", "another value");
    }
    return;
  }
  if (!options.decoder_start_token && options.decoder_prompt.empty()) return;
  throw UsageError({.id = "usage.no_encoder",
                    .expected = "an encoder-decoder",
                    .found = "the model " + model.info.architecture + ", which has no encoder",
                    .where = options.decoder_start_token ? "decoder_start_token" : "decoder_prompt",
                    .remedy = "leave the option out"});
}

/// The number of tokens, the prompt's included, that the options allow, or where they say nothing, the model's files.
inline std::size_t wanted_length(const GenerateOptions& options, const ModelState& model, std::size_t prompt_tokens) {
  if (options.max_new_tokens) return prompt_tokens + *options.max_new_tokens;
  if (options.max_length) {
    if (*options.max_length > prompt_tokens) return *options.max_length;
    throw UsageError({.id = "usage.max_length",
                      .expected = "max_length above the prompt's " + std::to_string(prompt_tokens) + " tokens",
                      .found = std::to_string(*options.max_length),
                      .where = "max_length",
                      .remedy = "raise it, or pass max_new_tokens instead"});
  }
  const std::size_t of_model = model.generation_defaults.max_length.value_or(0);
  return of_model > prompt_tokens ? of_model : prompt_tokens + k_default_new_tokens;
}

/// The tokens that a text may come to, the prompt's included: no more than the memory of a model of two streams holds.
inline std::size_t longest_text(const ModelState& model, const Room& room) {
  const std::optional<nn::SegmentRules>& segments = model.network->info().segments;
  if (!segments || segments->memory_length == 0) return room.context_length;
  return std::min(room.context_length, segments->memory_length);
}

struct Fit {
  std::string_view name;
  std::size_t tokens = 0;
  std::size_t context_length = 0;
};

/// A prompt leaves room for at least one new token.
inline void require_room(const Fit& fit) {
  if (fit.tokens < fit.context_length) return;
  throw UsageError(
      {.id = "usage.prompt_too_long",
       .expected = "a prompt shorter than the context of " + std::to_string(fit.context_length) + " tokens",
       .found = std::to_string(fit.tokens) + " tokens",
       .where = std::string(fit.name),
       .remedy = "shorten it"});
}

/// Tokens that end the text, ascending.
inline std::vector<TokenId> end_tokens(const GenerateOptions& options, const ModelState& model) {
  std::vector<TokenId> tokens = options.stop_tokens;
  if (!options.ignore_end_tokens) tokens.insert(tokens.end(), model.end_tokens.begin(), model.end_tokens.end());
  std::ranges::sort(tokens);
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  return tokens;
}

/// The quick path where it knows all the filters, else the whole list and a plain draw.
inline SamplerOptions sampler_options(const GenerateOptions& options, const ModelState& model, ProcessorParts parts) {
  SamplerOptions sampling{.processors = std::move(parts.rules),
                          .temperature = options.temperature,
                          .seed = options.seed,
                          .wants_probability = options.log_probabilities.has_value(),
                          .alternatives = options.log_probabilities.value_or(0),
                          .mirostat = options.mirostat,
                          .kernels = model.kernels};
  if (has_quick_filters(options)) {
    sampling.top_k = options.top_k;
    sampling.top_p = options.top_p;
    sampling.min_p = options.min_p;
    return sampling;
  }
  if (sampling.temperature > 0) sampling.temperature = 1;
  sampling.processors.insert(sampling.processors.end(), parts.filters.begin(), parts.filters.end());
  return sampling;
}

/// What was said is in the memory as a whole.
inline void check_memory(const ModelState& model) {
  const std::optional<nn::SegmentRules>& segments = model.network->info().segments;
  if (!segments || segments->reused_of_segment == 0) return;
  throw UsageError({.id = "usage.not_generative",
                    .expected = "a model that remembers all of a segment",
                    .found = "the model " + model.info.architecture + ", which remembers the first " +
                             std::to_string(segments->reused_of_segment) + " tokens of each",
                    .where = model.info.source,
                    .remedy = "use forward() with a memory, or another model"});
}

}  // namespace decoding_plan_detail

EIGENFORMER_INLINE void check_options(const GenerateOptions& options, const ModelState& model) {
  using namespace decoding_plan_detail;
  const bool has_two_streams = model.network->info().segments.has_value();
  const bool can_continue = has_two_streams || model.info.kind != ModelKind::encoder;
  const bool predicts = can_continue && model.info.head == ModelHead::language_model;
  if (!predicts || !model.program.outputs.contains("logits")) {
    throw UsageError({.id = "usage.not_generative",
                      .expected = "a model that predicts the next token",
                      .found = "the model " + model.info.architecture + ", which does not",
                      .where = model.info.source,
                      .remedy = "use a language model or an encoder-decoder with a language-modelling head"});
  }
  check_memory(model);
  if (options.max_new_tokens) check_count("max_new_tokens", *options.max_new_tokens, {1, k_most_tokens});
  if (options.max_length) check_count("max_length", *options.max_length, {1, k_most_tokens});
  if (options.temperature != 0) check_number("temperature", options.temperature, {0.0001, 10000});
  check_count("top_k", options.top_k, {0, k_most_tokens});
  check_number("top_p", options.top_p, {0, 1});
  check_number("min_p", options.min_p, {0, 1});
  check_count("num_return_sequences", options.num_return_sequences, {1, k_most_sequences});
  check_count("prefill_chunk", options.prefill_chunk, {1, k_most_chunk});
  check_texts("stop", options.stop, k_stops);
  for (const TokenId token : options.stop_tokens) check_token("stop_tokens", token, model.info.vocabulary_size);
  check_processor_options(options, model.info.vocabulary_size);
  check_decoder_options(options, model);
  check_draft_options(options, model);
  check_banned_strings(options, model);
  check_beam_options(options);
  if (options.num_return_sequences > 1 && options.temperature == 0 && options.num_beams.value_or(1) == 1) {
    throw UsageError({.id = "usage.greedy_sequences",
                      .expected = "a temperature above 0 for more than one sequence",
                      .found = "num_return_sequences " + std::to_string(options.num_return_sequences) +
                               " with temperature 0, which would all be the same",
                      .where = "num_return_sequences",
                      .remedy = "raise the temperature, ask for one sequence, or search with num_beams"});
  }
}

EIGENFORMER_INLINE void check_reply_options(const GenerateOptions& options, const ModelState& model) {
  check_options(options, model);
  if (options.num_beams.value_or(1) > 1) {
    throw UsageError({.id = "usage.reply_beams",
                      .expected = "one beam in a reply, whose text is told while it is written",
                      .found = "num_beams " + std::to_string(*options.num_beams),
                      .where = "num_beams",
                      .remedy = "use generate(): which beam is the best is known at the end"});
  }
  if (options.num_return_sequences == 1) return;
  throw UsageError({.id = "usage.reply_sequences",
                    .expected = "one sequence in a reply",
                    .found = "num_return_sequences " + std::to_string(options.num_return_sequences),
                    .where = "num_return_sequences",
                    .remedy = "use generate() for several"});
}

EIGENFORMER_INLINE void check_prompt(std::span<const TokenId> prompt, const ModelState& model) {
  if (prompt.empty()) {
    throw UsageError({.id = "usage.prompt_empty",
                      .expected = "a prompt of at least one token",
                      .found = "none",
                      .where = "prompt",
                      .remedy = "begin with some text or the model's first token"});
  }
  if (model.source && prompt.size() > model.info.context_length) {
    throw UsageError({.id = "usage.prompt_too_long",
                      .expected = "a source of at most " + std::to_string(model.info.context_length) + " tokens",
                      .found = std::to_string(prompt.size()) + " tokens",
                      .where = "prompt",
                      .remedy = "shorten it"});
  }
  const std::size_t vocabulary_size = model.source ? model.info.source_vocabulary_size : model.info.vocabulary_size;
  for (std::size_t index = 0; index < prompt.size(); ++index) {
    if (prompt[index] >= 0 && static_cast<std::size_t>(prompt[index]) < vocabulary_size) continue;
    throw UsageError({.id = "usage.token_id",
                      .expected = "token ids from 0 to " + std::to_string(vocabulary_size - 1),
                      .found = std::to_string(prompt[index]),
                      .where = "prompt, token " + std::to_string(index),
                      .remedy = "use the tokenizer of this model"});
  }
}

EIGENFORMER_INLINE DecodingPlan plan_decoding(const GenerateOptions& options, const ModelState& model,
                                              const Room& room) {
  const std::size_t longest = decoding_plan_detail::longest_text(model, room);
  decoding_plan_detail::require_room({"prompt", room.prompt_tokens, longest});
  DecodingPlan plan{
      .sampling = {},
      .beams = plan_beams(options, model),
      .length = std::min(decoding_plan_detail::wanted_length(options, model, room.prompt_tokens), longest),
      .end_tokens = decoding_plan_detail::end_tokens(options, model),
      .reports_probabilities = options.log_probabilities.has_value()};
  if (options.guidance_scale != 1) {
    plan.guidance = GuidancePlan{options.guidance_scale, options.unconditional_prompt};
    const std::size_t unconditional = std::max(options.unconditional_prompt.size(), std::size_t{1});
    decoding_plan_detail::require_room({"unconditional_prompt", unconditional, longest});
    plan.length = std::min(plan.length, room.prompt_tokens + longest - unconditional);
  }
  ProcessorParts parts = make_processors(options, model,
                                         {.prompt_tokens = room.prompt_tokens,
                                          .length = plan.length,
                                          .end_tokens = plan.end_tokens,
                                          .least_kept = plan.beams.num_beams > 1 ? plan.least_candidates() : 1});
  plan.processors = parts.rules;
  plan.processors.insert(plan.processors.end(), parts.filters.begin(), parts.filters.end());
  plan.sampling = decoding_plan_detail::sampler_options(options, model, std::move(parts));
  return plan;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::generation
