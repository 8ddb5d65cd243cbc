// A conversation with a model, turn by turn. A light header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eigenformer/chat/template/date.hpp"
#include "eigenformer/choose.hpp"
#include "eigenformer/core/config.hpp"
#include "eigenformer/error.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/model.hpp"
#include "eigenformer/scheduler.hpp"
#include "eigenformer/text_piece.hpp"

namespace eigenformer::inline EIGENFORMER_ABI {

struct Message {
  std::string role;  ///< "system", "user", "assistant", or another that the model's template knows
  std::string content;
  friend bool operator==(const Message&, const Message&) = default;
};

/// How messages become a prompt.
enum class ChatFormat : std::uint8_t {
  automatic,      ///< by the template where there is one, else by the end token where the model is of DialoGPT's kind
  chat_template,  ///< by the model's own template, or ChatOptions::chat_template
  end_token,  ///< each message and the end-of-text token after it, as https://huggingface.co/microsoft/DialoGPT-large
};

/// Replies of up to 512 tokens, a little varied: temperature 0.2 and top-p 0.9, which keep small models to the point.
inline GenerateOptions default_chat_generation() { return {.max_new_tokens = 512, .temperature = 0.2, .top_p = 0.9}; }

struct ChatOptions {
  std::string system = {};            ///< what the assistant is told before all else; empty: the template's default
  std::vector<Message> history = {};  ///< turns that count as said already, oldest first
  GenerateOptions generation = default_chat_generation();
  std::size_t context_length = 0;  ///< tokens that prompt and answer may have together; 0: the model's
  ChatFormat format = ChatFormat::automatic;
  std::optional<std::string> chat_template = {};  ///< Jinja, instead of the model's own
  std::optional<chat::DateTime> date = {};        ///< for templates that ask for it; the library reads no clock
};

namespace chat {
struct ChatState;
}  // namespace chat

/// Called with each piece of an answer; false ends the answer there.
using PieceCallback = std::function<bool(std::string_view piece)>;

/// One conversation. It keeps the keys and values of what was said, so that a turn costs the new tokens only; the
/// answers are, bit for bit, those of a conversation that is computed from its beginning.
///
/// When the context would be exceeded, the oldest turns are forgotten, until a quarter of it is free (so that this does
/// not happen again in the next turn); the system prompt stays. What follows is as in a fresh chat with the remaining
/// messages.
///
/// Not for two threads at a time; any number of chats on any threads share a model.
class Chat {
 public:
  /// Throws ChatError "chat.no_template", "chat.no_end_token", "chat.role_unsupported" and what the template throws,
  /// UsageError "usage.chat_context" and "usage.option_range", TokenizerError where the model has no tokenizer.
  explicit Chat(const Model& model, const ChatOptions& options = {});
  static Result<Chat> try_make(const Model& model, const ChatOptions& options = {});
  Chat(Chat&&) noexcept;
  Chat& operator=(Chat&&) noexcept;
  ~Chat();

  /// Says `text` and begins the answer; nothing is computed before its first next(). Both are remembered when the
  /// answer is over, or stopped after something was said. An error, or destroying the reply midway, leaves the
  /// conversation as it was before the turn. A reply of an earlier turn that is still going on is no longer remembered.
  ///
  /// Throws ChatError "chat.message_too_long" where the message alone fills the context, and what the template throws.
  Reply begin(std::string_view text);
  Reply begin(std::string_view text, const GenerateOptions& options);
  Result<Reply> try_begin(std::string_view text);
  Result<Reply> try_begin(std::string_view text, const GenerateOptions& options);

  /// A loop over begin(): returns the whole answer.
  std::string ask(std::string_view text, const PieceCallback& on_piece = {});
  Result<std::string> try_ask(std::string_view text, const PieceCallback& on_piece = {});

  /// The same with an answer that a scheduler computes, beside those of others: it is remembered when the request is
  /// over. Until then the chat is one whose reply is going on. UsageError "usage.scheduler_model" where the scheduler
  /// is for another model.
  Request submit(Scheduler& scheduler, std::string_view text, TextCallback on_text = {});
  Result<Request> try_submit(Scheduler& scheduler, std::string_view text, TextCallback on_text = {});

  /// Which of these answers the character would give to `text`: their probabilities, without anything being said or
  /// remembered. Costs what a turn costs until its first token, and the tokens of the choices; a begin() with the same
  /// text then begins with what was computed. Throws what begin() and eigenformer::choose throw.
  Chosen choose(std::string_view text, std::span<const std::string> choices, const ChooseOptions& options = {});
  Result<Chosen> try_choose(std::string_view text, std::span<const std::string> choices,
                            const ChooseOptions& options = {});

  /// What the next prompt is made of: the system prompt, where there is one, and the turns that are remembered.
  const std::vector<Message>& messages() const noexcept;
  /// Forgets all turns and keeps the system prompt.
  void reset();
  /// Changes the system prompt and keeps the turns. Empty: none. ChatError where the format has no place for it.
  void set_system(std::string_view system);
  Result<void> try_set_system(std::string_view system);

  /// The messages as JSON text. (Which model and options they were said with is noted for readers.)
  std::string save() const;
  /// Replaces the messages, system prompt included, by those of a saved chat; any model may go on with them. An error
  /// leaves the chat as it was: FormatError "format.json_*", ChatError "chat.saved".
  void load(std::string_view saved);
  Result<void> try_load(std::string_view saved);

  /// Bytes of the cache that this conversation keeps.
  std::size_t cache_bytes() const noexcept;

 private:
  explicit Chat(std::shared_ptr<chat::ChatState> state);
  std::shared_ptr<chat::ChatState> state_;
};

}  // namespace eigenformer::inline EIGENFORMER_ABI

#if defined(EIGENFORMER_HEADER_ONLY)
#include "eigenformer/chat-inl.hpp"
#endif
