#include "eigenformer/chat.hpp"

#include <span>

#include "c_api/generate_options.hpp"
#include "c_api/handle.hpp"
#include "c_api/reply.hpp"
#include "c_api/structure.hpp"
#include "c_api/value.hpp"

namespace eigenformer::c_api {

namespace {

eigenformer_chat_options default_chat_options() {
  eigenformer_chat_options options{};
  options.size = sizeof options;
  options.context_length = EIGENFORMER_MODEL_LIMIT;
  return options;
}

std::vector<Message> history_of(const eigenformer_chat_options& options) {
  std::vector<Message> history;
  for (const eigenformer_message& message : list(options.history, options.history_count, "history")) {
    if (message.role == nullptr) refuse_null("the role of a message");
    history.push_back({message.role, std::string(view(message.content, "the content of a message"))});
  }
  return history;
}

ChatOptions chat_options(const Model& model, const eigenformer_chat_options* given) {
  const eigenformer_chat_options options = read_structure(given, default_chat_options());
  ChatOptions result{.system = std::string(view(options.system, "system")),
                     .history = history_of(options),
                     .generation = generate_options(model, options.generation, default_chat_generate_options()),
                     .context_length = length_of(options.context_length, "context_length")};
  if (options.chat_template.data != nullptr) result.chat_template = view(options.chat_template, "chat_template");
  return result;
}

}  // namespace

}  // namespace eigenformer::c_api

namespace ef = eigenformer;
using namespace eigenformer::c_api;

eigenformer_status eigenformer_chat_options_init(eigenformer_chat_options* options, uint64_t size,
                                                 eigenformer_error* error) {
  return attempt_call(error, [&] { write_structure(options, size, default_chat_options()); });
}

eigenformer_status eigenformer_chat_new(const eigenformer_model* model, const eigenformer_chat_options* options,
                                        eigenformer_chat** chat, eigenformer_error* error) {
  return attempt_call(error, [&] {
    const ef::Model& loaded = require(model, "model").model;
    eigenformer_chat*& place = require_place(chat, "chat");
    place = new eigenformer_chat{.model = loaded,
                                 .chat = ef::Chat(loaded, chat_options(loaded, options)),
                                 .in_use = std::make_shared<std::atomic_flag>()};
  });
}

eigenformer_status eigenformer_chat_ask(eigenformer_chat* chat, eigenformer_text text,
                                        eigenformer_piece_callback on_piece, void* context, eigenformer_error* error) {
  return attempt_call(error, [&] {
    eigenformer_chat& handle = require(chat, "chat");
    require_listener({on_piece, context});
    const Use use(*handle.in_use, "chat");
    ef::Reply reply = handle.chat.begin(view(text, "text"));
    run(reply, {on_piece, context});
  });
}

eigenformer_status eigenformer_chat_begin(eigenformer_chat* chat, eigenformer_text text,
                                          const eigenformer_generate_options* options, eigenformer_reply** reply,
                                          eigenformer_error* error) {
  return attempt_call(error, [&] {
    eigenformer_chat& handle = require(chat, "chat");
    eigenformer_reply*& place = require_place(reply, "reply");
    const std::string_view said = view(text, "text");
    const Use use(*handle.in_use, "chat");
    const auto begin = [&] {
      if (options == nullptr) return handle.chat.begin(said);
      return handle.chat.begin(said, generate_options(handle.model, options, default_chat_generate_options()));
    };
    place = new eigenformer_reply{.reply = begin(), .in_use = handle.in_use};
  });
}

eigenformer_status eigenformer_chat_reset(eigenformer_chat* chat, eigenformer_error* error) {
  return attempt_call(error, [&] {
    eigenformer_chat& handle = require(chat, "chat");
    const Use use(*handle.in_use, "chat");
    handle.chat.reset();
  });
}

eigenformer_status eigenformer_chat_set_system(eigenformer_chat* chat, eigenformer_text system,
                                               eigenformer_error* error) {
  return attempt_call(error, [&] {
    eigenformer_chat& handle = require(chat, "chat");
    const Use use(*handle.in_use, "chat");
    handle.chat.set_system(view(system, "system"));
  });
}

eigenformer_status eigenformer_chat_message_count(const eigenformer_chat* chat, uint64_t* count,
                                                  eigenformer_error* error) {
  return attempt_call(error, [&] {
    const eigenformer_chat& handle = require(chat, "chat");
    const Use use(*handle.in_use, "chat");
    require_place(count, "count") = handle.chat.messages().size();
  });
}

eigenformer_status eigenformer_chat_message(const eigenformer_chat* chat, uint64_t index, eigenformer_message* message,
                                            eigenformer_error* error) {
  return attempt_call(error, [&] {
    const eigenformer_chat& handle = require(chat, "chat");
    eigenformer_message& place = require_place(message, "message");
    const Use use(*handle.in_use, "chat");
    const std::vector<ef::Message>& messages = handle.chat.messages();
    const ef::Message& found = messages[index_of(index, messages.size())];
    place = {found.role.c_str(), lend(found.content)};
  });
}

eigenformer_status eigenformer_chat_save(const eigenformer_chat* chat, eigenformer_owned_text* saved,
                                         eigenformer_error* error) {
  return attempt_call(error, [&] {
    const eigenformer_chat& handle = require(chat, "chat");
    eigenformer_owned_text& place = require_place(saved, "saved");
    const Use use(*handle.in_use, "chat");
    place = hand_out(handle.chat.save());
  });
}

eigenformer_status eigenformer_chat_load(eigenformer_chat* chat, eigenformer_text saved, eigenformer_error* error) {
  return attempt_call(error, [&] {
    eigenformer_chat& handle = require(chat, "chat");
    const Use use(*handle.in_use, "chat");
    handle.chat.load(view(saved, "saved"));
  });
}

void eigenformer_chat_free(eigenformer_chat* chat) { release(chat); }
