// Conversations: as the C++ API has them.
#include "eigenformer/chat.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/c_api/c_objects.hpp"

namespace eigenformer_tests {
namespace {

namespace ef = eigenformer;

class CChat : public CApi {
 protected:
  CChat() {
    EXPECT_EQ(outcome(eigenformer_chat_generate_options_init(&generation_, sizeof generation_, error())), "ok");
    generation_.max_new_tokens = 8;
    EXPECT_EQ(outcome(eigenformer_chat_options_init(&options_, sizeof options_, error())), "ok");
    options_.generation = &generation_;
  }

  Owned<eigenformer_chat> make_chat() {
    eigenformer_chat* chat = nullptr;
    EXPECT_EQ(outcome(eigenformer_chat_new(model_.get(), &options_, &chat, error())), "ok")
        << eigenformer_error_message(error());
    return Owned<eigenformer_chat>(chat);
  }

  std::string ask(const Owned<eigenformer_chat>& chat, const std::string& text) {
    Pieces pieces;
    EXPECT_EQ(outcome(eigenformer_chat_ask(chat.get(), text_of(text), &Pieces::add, &pieces, error())), "ok");
    return pieces.joined();
  }

  std::vector<ef::Message> messages_of(const Owned<eigenformer_chat>& chat) {
    std::uint64_t count = 0;
    EXPECT_EQ(outcome(eigenformer_chat_message_count(chat.get(), &count, error())), "ok");
    std::vector<ef::Message> messages;
    for (std::uint64_t index = 0; index < count; ++index) {
      eigenformer_message message{};
      EXPECT_EQ(outcome(eigenformer_chat_message(chat.get(), index, &message, error())), "ok");
      messages.push_back({message.role, string_of(message.content)});
    }
    return messages;
  }

  ef::ChatOptions expected_options() {
    ef::ChatOptions options;
    options.generation.max_new_tokens = 8;
    return options;
  }

  Owned<eigenformer_model> model_ = load(k_c_writer);
  ef::Model cpp_model_ = ef::load(k_c_writer);
  eigenformer_generate_options generation_;
  eigenformer_chat_options options_;
};

TEST_F(CChat, DefaultsAreThoseOfCpp) {
  eigenformer_generate_options options;
  ASSERT_EQ(outcome(eigenformer_chat_generate_options_init(&options, sizeof options, error())), "ok");
  const ef::GenerateOptions expected = ef::default_chat_generation();
  EXPECT_EQ(options.max_new_tokens, expected.max_new_tokens);
  EXPECT_EQ(options.temperature, expected.temperature);
  EXPECT_EQ(options.top_p, expected.top_p);
  eigenformer_chat* chat = nullptr;
  ASSERT_EQ(outcome(eigenformer_chat_new(model_.get(), nullptr, &chat, error())), "ok");
  EXPECT_EQ(ask(Owned<eigenformer_chat>(chat), "a"), ef::Chat(cpp_model_).ask("a"));
}

TEST_F(CChat, AnswersAreThoseOfCpp) {
  const eigenformer_message history[] = {{"user", eigenformer_text_of("Hi")},
                                         {"assistant", eigenformer_text_of("Hello.")}};
  options_.system = eigenformer_text_of("Be a guide.");
  options_.history = history;
  options_.history_count = 2;
  ef::ChatOptions expected_options = this->expected_options();
  expected_options.system = "Be a guide.";
  expected_options.history = {{"user", "Hi"}, {"assistant", "Hello."}};
  const auto chat = make_chat();
  ef::Chat expected(cpp_model_, expected_options);
  EXPECT_EQ(ask(chat, "Where?"), expected.ask("Where?"));
  EXPECT_EQ(ask(chat, "When?"), expected.ask("When?"));
  EXPECT_EQ(messages_of(chat), expected.messages());
  ASSERT_EQ(outcome(eigenformer_chat_set_system(chat.get(), eigenformer_text_of("Be a cook."), error())), "ok");
  expected.set_system("Be a cook.");
  EXPECT_EQ(ask(chat, "What?"), expected.ask("What?"));
  ASSERT_EQ(outcome(eigenformer_chat_reset(chat.get(), error())), "ok");
  EXPECT_EQ(messages_of(chat), (std::vector<ef::Message>{{"system", "Be a cook."}}));
}

TEST_F(CChat, OptionsReachTheLibrary) {
  options_.chat_template = eigenformer_text_of("{% for m in messages %}{{ m.content }}{% endfor %}");
  options_.context_length = 60;
  ef::ChatOptions expected_options = this->expected_options();
  expected_options.chat_template = "{% for m in messages %}{{ m.content }}{% endfor %}";
  expected_options.context_length = 60;
  EXPECT_EQ(ask(make_chat(), "abc"), ef::Chat(cpp_model_, expected_options).ask("abc"));
  const std::string long_text(80, 'x');
  const auto chat = make_chat();
  Pieces pieces;
  EXPECT_EQ(outcome(eigenformer_chat_ask(chat.get(), text_of(long_text), &Pieces::add, &pieces, error())),
            "chat.message_too_long");
  EXPECT_TRUE(messages_of(chat).empty());
  eigenformer_chat* none = nullptr;
  options_.context_length = 0;
  EXPECT_EQ(outcome(eigenformer_chat_new(model_.get(), &options_, &none, error())), "usage.option_range");
  options_.context_length = EIGENFORMER_MODEL_LIMIT;
  options_.chat_template = eigenformer_text_of("{% for");
  EXPECT_EQ(eigenformer_chat_new(model_.get(), &options_, &none, error()), EIGENFORMER_ERROR_CHAT);
  EXPECT_EQ(none, nullptr);
}

TEST_F(CChat, AModelThatWasNotMadeToChat) {
  const auto embedder = load(k_c_embedder);
  eigenformer_chat* chat = nullptr;
  EXPECT_EQ(outcome(eigenformer_chat_new(embedder.get(), nullptr, &chat, error())),
            ef::Chat::try_make(ef::load(k_c_embedder)).error().id);
  EXPECT_EQ(chat, nullptr);
}

TEST_F(CChat, ARolelessMessageIsRefused) {
  const eigenformer_message history[] = {{nullptr, eigenformer_text_of("Hi")}};
  options_.history = history;
  options_.history_count = 1;
  eigenformer_chat* chat = nullptr;
  EXPECT_EQ(outcome(eigenformer_chat_new(model_.get(), &options_, &chat, error())), "usage.null_argument");
}

TEST_F(CChat, AnAnswerIsPulled) {
  const auto chat = make_chat();
  eigenformer_reply* reply = nullptr;
  ASSERT_EQ(outcome(eigenformer_chat_begin(chat.get(), eigenformer_text_of("Hi"), nullptr, &reply, error())), "ok");
  const Owned<eigenformer_reply> owner(reply);
  std::string text;
  for (eigenformer_text piece{}; outcome(eigenformer_reply_next(reply, &piece, error())) == "ok" && piece.data;) {
    text += string_of(piece);
  }
  ef::Chat expected(cpp_model_, expected_options());
  EXPECT_EQ(text, expected.ask("Hi"));
  EXPECT_EQ(messages_of(chat), expected.messages());
}

TEST_F(CChat, OptionsOfOneTurn) {
  const auto chat = make_chat();
  eigenformer_generate_options of_turn = generation_;
  of_turn.max_new_tokens = 2;
  eigenformer_reply* reply = nullptr;
  ASSERT_EQ(outcome(eigenformer_chat_begin(chat.get(), eigenformer_text_of("Hi"), &of_turn, &reply, error())), "ok");
  const Owned<eigenformer_reply> owner(reply);
  Pieces pieces;
  ASSERT_EQ(outcome(eigenformer_reply_run(reply, &Pieces::add, &pieces, error())), "ok");
  eigenformer_reply_result result;
  ASSERT_EQ(outcome(eigenformer_reply_get_result(reply, &result, sizeof result, error())), "ok");
  EXPECT_LE(result.tokens.count, 2U);
}

TEST_F(CChat, WhatIsFreedMidwayIsForgotten) {
  const auto chat = make_chat();
  eigenformer_reply* reply = nullptr;
  ASSERT_EQ(outcome(eigenformer_chat_begin(chat.get(), eigenformer_text_of("Hi"), nullptr, &reply, error())), "ok");
  eigenformer_text piece{};
  ASSERT_EQ(outcome(eigenformer_reply_next(reply, &piece, error())), "ok");
  eigenformer_reply_free(reply);
  EXPECT_TRUE(messages_of(chat).empty());
}

TEST_F(CChat, AReplyOutlivesChatAndModel) {
  auto chat = make_chat();
  eigenformer_reply* reply = nullptr;
  ASSERT_EQ(outcome(eigenformer_chat_begin(chat.get(), eigenformer_text_of("Hi"), nullptr, &reply, error())), "ok");
  const Owned<eigenformer_reply> owner(reply);
  chat.reset();
  model_.reset();
  Pieces pieces;
  ASSERT_EQ(outcome(eigenformer_reply_run(reply, &Pieces::add, &pieces, error())), "ok");
  EXPECT_EQ(pieces.joined(), ef::Chat(cpp_model_, expected_options()).ask("Hi"));
}

TEST_F(CChat, ACallbackStopsTheAnswerWhichIsRemembered) {
  const auto chat = make_chat();
  Pieces pieces{.stop_after = 1};
  ASSERT_EQ(outcome(eigenformer_chat_ask(chat.get(), eigenformer_text_of("Hi"), &Pieces::add, &pieces, error())), "ok");
  EXPECT_EQ(messages_of(chat), (std::vector<ef::Message>{{"user", "Hi"}, {"assistant", pieces.all.at(0)}}));
}

TEST_F(CChat, IsSavedAndLoaded) {
  const auto chat = make_chat();
  ask(chat, "Hi");
  eigenformer_owned_text saved{};
  ASSERT_EQ(outcome(eigenformer_chat_save(chat.get(), &saved, error())), "ok");
  const Owned<char> owner(saved.data);
  const auto other = make_chat();
  ASSERT_EQ(outcome(eigenformer_chat_load(other.get(), {saved.data, saved.size}, error())), "ok");
  EXPECT_EQ(messages_of(other), messages_of(chat));
  EXPECT_EQ(ask(other, "Again"), ask(chat, "Again"));
  EXPECT_EQ(outcome(eigenformer_chat_load(other.get(), eigenformer_text_of("["), error())), "format.json_syntax");
  EXPECT_EQ(messages_of(other).size(), 4U);
  eigenformer_message message{};
  EXPECT_EQ(outcome(eigenformer_chat_message(other.get(), 4, &message, error())), "usage.index");
}

/// What a callback is given to use what is in use.
struct Intruder {
  eigenformer_chat* chat;
  eigenformer_error* error;
  std::vector<std::string> ids = {};
};

TEST_F(CChat, OneCallAtATime) {
  const auto chat = make_chat();
  const Owned<eigenformer_error> inner(eigenformer_error_new());
  Intruder intruder{chat.get(), inner.get()};
  const auto intrude = [](void* context, eigenformer_text) -> std::int32_t {
    auto* used = static_cast<Intruder*>(context);
    const auto note = [&](eigenformer_status) { used->ids.emplace_back(eigenformer_error_id(used->error)); };
    note(eigenformer_chat_reset(used->chat, used->error));
    std::thread other([&] {
      eigenformer_reply* reply = nullptr;
      note(eigenformer_chat_begin(used->chat, eigenformer_text_of("a"), nullptr, &reply, used->error));
    });
    other.join();
    return EIGENFORMER_STOP;
  };
  ASSERT_EQ(outcome(eigenformer_chat_ask(chat.get(), eigenformer_text_of("Hi"), intrude, &intruder, error())), "ok");
  EXPECT_EQ(intruder.ids, std::vector<std::string>(2, "usage.handle_in_use"));
  EXPECT_EQ(messages_of(chat).size(), 2U);
}

}  // namespace
}  // namespace eigenformer_tests
