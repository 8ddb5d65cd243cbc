#pragma once

#include <utility>

#include "eigenformer/chat.hpp"
#include "eigenformer/chat/chat_state.hpp"
#include "eigenformer/chat/saved_chat.hpp"
#include "eigenformer/core/attempt.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

EIGENFORMER_INLINE Chat::Chat(std::shared_ptr<chat::ChatState> state) : state_(std::move(state)) {}
EIGENFORMER_INLINE Chat::Chat(const Model& model, const ChatOptions& options)
    : state_(std::make_shared<chat::ChatState>(model, options)) {}
EIGENFORMER_INLINE Result<Chat> Chat::try_make(const Model& model, const ChatOptions& options) {
  return attempt([&] { return Chat(model, options); });
}
EIGENFORMER_INLINE Chat::Chat(Chat&&) noexcept = default;
EIGENFORMER_INLINE Chat& Chat::operator=(Chat&&) noexcept = default;
EIGENFORMER_INLINE Chat::~Chat() = default;

EIGENFORMER_INLINE Reply Chat::begin(std::string_view text) { return begin(text, state_->generation); }
EIGENFORMER_INLINE Reply Chat::begin(std::string_view text, const GenerateOptions& options) {
  return chat::begin_turn(state_, text, options);
}
EIGENFORMER_INLINE Result<Reply> Chat::try_begin(std::string_view text) {
  return attempt([&] { return begin(text); });
}
EIGENFORMER_INLINE Result<Reply> Chat::try_begin(std::string_view text, const GenerateOptions& options) {
  return attempt([&] { return begin(text, options); });
}

EIGENFORMER_INLINE std::string Chat::ask(std::string_view text, const PieceCallback& on_piece) {
  Reply reply = begin(text);
  while (const std::optional<std::string> piece = reply.next()) {
    if (on_piece && !on_piece(*piece)) reply.stop();
  }
  return reply.text();
}
EIGENFORMER_INLINE Result<std::string> Chat::try_ask(std::string_view text, const PieceCallback& on_piece) {
  return attempt([&] { return ask(text, on_piece); });
}

EIGENFORMER_INLINE Request Chat::submit(Scheduler& scheduler, std::string_view text, TextCallback on_text) {
  return chat::submit_turn(state_, scheduler, text, std::move(on_text));
}
EIGENFORMER_INLINE Result<Request> Chat::try_submit(Scheduler& scheduler, std::string_view text, TextCallback on_text) {
  return attempt([&] { return submit(scheduler, text, std::move(on_text)); });
}

EIGENFORMER_INLINE Chosen Chat::choose(std::string_view text, std::span<const std::string> choices,
                                       const ChooseOptions& options) {
  return chat::choose_answer(*state_, text, choices, options);
}
EIGENFORMER_INLINE Result<Chosen> Chat::try_choose(std::string_view text, std::span<const std::string> choices,
                                                   const ChooseOptions& options) {
  return attempt([&] { return choose(text, choices, options); });
}

EIGENFORMER_INLINE const std::vector<Message>& Chat::messages() const noexcept { return state_->messages; }

EIGENFORMER_INLINE void Chat::reset() {
  const bool has_system = !state_->messages.empty() && state_->messages.front().role == "system";
  state_->messages.resize(has_system ? 1 : 0);
  ++state_->turn;
}

EIGENFORMER_INLINE void Chat::set_system(std::string_view system) {
  std::vector<Message> messages = state_->messages;
  if (!messages.empty() && messages.front().role == "system") messages.erase(messages.begin());
  if (!system.empty()) messages.insert(messages.begin(), {"system", std::string(system)});
  state_->replace_messages(std::move(messages));
}
EIGENFORMER_INLINE Result<void> Chat::try_set_system(std::string_view system) {
  return attempt([&] { set_system(system); });
}

EIGENFORMER_INLINE std::string Chat::save() const {
  return chat::write_saved_chat(state_->messages, state_->model.info());
}
EIGENFORMER_INLINE void Chat::load(std::string_view saved) { state_->replace_messages(chat::read_saved_chat(saved)); }
EIGENFORMER_INLINE Result<void> Chat::try_load(std::string_view saved) {
  return attempt([&] { load(saved); });
}

EIGENFORMER_INLINE std::size_t Chat::cache_bytes() const noexcept { return state_->sequence.cache.bytes(); }

}  // namespace eigenformer::inline EIGENFORMER_ABI
