#pragma once

#include <string>
#include <utility>

#include "eigenformer/chat/chat_state.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/generate/decoding_plan.hpp"
#include "eigenformer/generate/make_strand.hpp"
#include "eigenformer/generate/sampled_request.hpp"
#include "eigenformer/generate/scheduler_state.hpp"
#include "eigenformer/generate/score_choices.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::chat {

namespace chat_state_detail {

inline std::size_t checked_context_length(const Model& model, std::size_t wanted) {
  const std::size_t most = model.info().context_length;
  if (wanted == 0) return most;
  if (wanted >= 2 && wanted <= most) return wanted;
  throw UsageError({.id = "usage.chat_context",
                    .expected = "a context of 2 to " + std::to_string(most) + " tokens",
                    .found = std::to_string(wanted),
                    .where = "context_length",
                    .remedy = "pass 0 for the model's own"});
}

/// A chat is one text that grows; an encoder-decoder has two, and what a model of two streams has kept of a text is not
/// what it would keep of its beginning.
inline const Model& decoder_only(const Model& model) {
  const bool has_two_streams = model.state().network->info().segments.has_value();
  const ModelKind kind = model.info().kind;
  if (kind == ModelKind::decoder && !has_two_streams) return model;
  const char* found = kind == ModelKind::encoder_decoder ? "the encoder-decoder " : "the encoder ";
  throw UsageError({.id = "usage.chat_needs_decoder",
                    .expected = "a decoder-only model to chat with",
                    .found = (has_two_streams ? "the two-stream model " : found) + model.info().architecture,
                    .where = model.info().source,
                    .remedy = kind == ModelKind::encoder && !has_two_streams
                                  ? "use a model made to talk; eigenformer inspect shows the kind of one"
                                  : "ask each question alone: begin() or generate() (eigenformer run)"});
}

inline std::vector<Message> first_messages(const ChatOptions& options) {
  std::vector<Message> messages;
  if (!options.system.empty()) messages.push_back({"system", options.system});
  messages.insert(messages.end(), options.history.begin(), options.history.end());
  return messages;
}

/// What a chat does when one of its replies is over.
struct Turn {
  std::weak_ptr<ChatState> state;
  std::uint64_t number;
  std::vector<Message> messages;  ///< with what the user said

  void operator()(const generation::ReplyEnd& end) {
    const std::shared_ptr<ChatState> chat = state.lock();
    if (!chat || chat->turn != number) return;
    chat->sequence = std::move(end.sequence);
    const bool was_said = end.reason && !(*end.reason == FinishReason::cancelled && end.text.empty());
    if (!was_said) return;
    messages.push_back({"assistant", end.text});
    chat->messages = std::move(messages);
  }
};

}  // namespace chat_state_detail

EIGENFORMER_INLINE ChatState::ChatState(const Model& chat_model, const ChatOptions& options)
    : model(chat_state_detail::decoder_only(chat_model)),
      generation(options.generation),
      context_length(chat_state_detail::checked_context_length(chat_model, options.context_length)),
      format(make_prompt_format(chat_model, options)),
      forward(std::make_shared<generation::Forward>(chat_model.state())),
      sequence(fresh_sequence()) {
  generation::check_reply_options(generation, model.state());
  replace_messages(chat_state_detail::first_messages(options));
}

EIGENFORMER_INLINE generation::Sequence ChatState::fresh_sequence() const {
  return {nn::KvCache(model.state().cache_layout), {}, 0};
}

EIGENFORMER_INLINE void ChatState::replace_messages(std::vector<Message> others) {
  others.push_back({"user", "Hello"});  // a template may refuse messages: better now than when somebody has spoken
  format->encode(others);
  others.pop_back();
  messages = std::move(others);
  ++turn;
}

EIGENFORMER_INLINE FittedPrompt ChatState::prompt_with(std::string_view text, const ContextWindow& window) const {
  std::vector<Message> said = messages;
  said.push_back({"user", std::string(text)});
  FittedPrompt prompt = fit_prompt(*format, std::move(said), window);
  generation::check_prompt(prompt.ids, model.state());
  return prompt;
}

EIGENFORMER_INLINE Chosen choose_answer(ChatState& state, std::string_view text, std::span<const std::string> choices,
                                        const ChooseOptions& options) {
  generation::check_choices(choices);
  const std::vector<std::vector<TokenId>> ids = generation::encode_choices(state.model.tokenizer(), choices);
  FittedPrompt prompt = state.prompt_with(text, context_window(state.generation, state.context_length));
  generation::Sequence sequence = state.sequence;
  generation::replace_prompt(sequence, std::move(prompt.ids));
  Chosen chosen =
      generation::score_choices({*state.forward, sequence, state.context_length}, state.model.state(), ids, options);
  state.sequence = std::move(sequence);
  return chosen;
}

namespace chat_state_detail {

/// A turn that has begun: what is to be written, and what is done at its end.
struct BegunTurn {
  generation::Strand strand;
  Turn turn;
};

struct TurnOptions {
  const GenerateOptions& generation;
  bool wants_score;
};

inline BegunTurn begin(const std::shared_ptr<ChatState>& state, std::string_view text, const TurnOptions& options) {
  generation::check_reply_options(options.generation, state->model.state());
  const ContextWindow window = context_window(options.generation, state->context_length);
  FittedPrompt prompt = state->prompt_with(text, window);
  generation::Sequence sequence = state->sequence;  // shares its pages until the turn is sure to begin
  generation::replace_prompt(sequence, prompt.ids);
  generation::Strand strand = generation::make_strand(state->model,
                                                      {.sequence = std::move(sequence),
                                                       .prompt = prompt.ids,
                                                       .context_length = window.length,
                                                       .wants_score = options.wants_score},
                                                      options.generation);
  ++state->turn;
  state->sequence = state->fresh_sequence();
  return {.strand = std::move(strand), .turn = {state, state->turn, std::move(prompt.messages)}};
}

}  // namespace chat_state_detail

EIGENFORMER_INLINE Request submit_turn(const std::shared_ptr<ChatState>& state, Scheduler& scheduler,
                                       std::string_view text, TextCallback on_text) {
  if (&scheduler.state().model().state() != &state->model.state()) {
    throw UsageError({.id = "usage.scheduler_model",
                      .expected = "a scheduler for the model of the chat, " + state->model.info().source,
                      .found = "one for " + scheduler.state().model().info().source,
                      .where = "scheduler",
                      .remedy = "make one scheduler for each loaded model"});
  }
  chat_state_detail::BegunTurn begun =
      chat_state_detail::begin(state, text, {.generation = state->generation, .wants_score = true});
  generation::RequestWatch watch{.cancel = begun.strand.cancel_token(), .on_text = std::move(on_text)};
  return Request(scheduler.state().add(
      std::make_shared<generation::SampledRequest>(std::move(begun.strand), std::move(watch), std::move(begun.turn))));
}

EIGENFORMER_INLINE Reply begin_turn(const std::shared_ptr<ChatState>& state, std::string_view text,
                                    const GenerateOptions& options) {
  chat_state_detail::BegunTurn begun =
      chat_state_detail::begin(state, text, {.generation = options, .wants_score = false});
  return Reply(std::make_unique<generation::ReplyState>(
      generation::ReplyParts{.model = state->model,
                             .forward = state->forward,
                             .strand = std::move(begun.strand),
                             .limits = generation::ForwardLimits{.chunk = options.prefill_chunk},
                             .on_end = std::move(begun.turn)}));
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::chat
