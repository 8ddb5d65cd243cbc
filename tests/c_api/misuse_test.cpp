// What a host does wrong comes back as an error: null, other handles, sizes, members of a later version.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "tests/c_api/c_objects.hpp"

namespace eigenformer_tests {
namespace {

class CMisuse : public CApi {
 protected:
  CMisuse() {
    eigenformer_chat* chat = nullptr;
    EXPECT_EQ(outcome(eigenformer_chat_new(model_.get(), nullptr, &chat, error())), "ok");
    chat_.reset(chat);
    eigenformer_reply* reply = nullptr;
    EXPECT_EQ(outcome(eigenformer_generate_begin(model_.get(), hello_, nullptr, &reply, error())), "ok");
    reply_.reset(reply);
  }

  /// Each function with one pointer that may not be null being null, or each that takes a handle with another one.
  void expect_each(const std::vector<std::function<eigenformer_status(eigenformer_error*)>>& calls,
                   const std::string& id) {
    for (std::size_t number = 0; number < calls.size(); ++number) {
      EXPECT_EQ(outcome(calls[number](error())), id) << number;
      EXPECT_EQ(calls[number](nullptr), EIGENFORMER_ERROR_USAGE) << number;  // nobody wants to know more
    }
  }

  Owned<eigenformer_model> model_ = load(k_c_writer);
  Owned<eigenformer_chat> chat_;
  Owned<eigenformer_reply> reply_;
  eigenformer_text hello_ = eigenformer_text_of("hello");
};

using Error = eigenformer_error;

TEST_F(CMisuse, NullOptionsAndModels) {
  eigenformer_model* model = nullptr;
  expect_each({[](Error* e) { return eigenformer_load_options_init(nullptr, 72, e); },
               [](Error* e) { return eigenformer_tokenize_options_init(nullptr, 16, e); },
               [](Error* e) { return eigenformer_detokenize_options_init(nullptr, 16, e); },
               [](Error* e) { return eigenformer_generate_options_init(nullptr, 160, e); },
               [](Error* e) { return eigenformer_chat_generate_options_init(nullptr, 160, e); },
               [](Error* e) { return eigenformer_chat_options_init(nullptr, 72, e); },
               [](Error* e) { return eigenformer_embed_options_init(nullptr, 64, e); },
               [](Error* e) { return eigenformer_find_model("a", nullptr, e); },
               [](Error* e) {
                 eigenformer_owned_text path;
                 return eigenformer_find_model(nullptr, &path, e);
               },
               [&](Error* e) { return eigenformer_load(nullptr, nullptr, &model, e); },
               [](Error* e) { return eigenformer_load("a", nullptr, nullptr, e); },
               [&](Error* e) { return eigenformer_load_from_memory(nullptr, 9, nullptr, &model, e); },
               [](Error* e) { return eigenformer_load_from_memory("a", 1, nullptr, nullptr, e); },
               [](Error* e) {
                 eigenformer_model_info info;
                 return eigenformer_model_get_info(nullptr, &info, sizeof info, e);
               },
               [&](Error* e) { return eigenformer_model_get_info(model_.get(), nullptr, 200, e); },
               [](Error* e) {
                 eigenformer_text report;
                 return eigenformer_model_report(nullptr, 0, &report, e);
               },
               [&](Error* e) { return eigenformer_model_report(model_.get(), 0, nullptr, e); }},
              "usage.null_argument");
  EXPECT_EQ(model, nullptr);
}

TEST_F(CMisuse, NullWhereTextIsMade) {
  eigenformer_owned_tokens tokens{};
  eigenformer_owned_text text{};
  eigenformer_reply* reply = nullptr;
  eigenformer_text piece{};
  Pieces pieces;
  const eigenformer_text absent{nullptr, 3};
  eigenformer_model* model = model_.get();
  expect_each({[&](Error* e) { return eigenformer_tokenize(nullptr, hello_, nullptr, &tokens, e); },
               [&](Error* e) { return eigenformer_tokenize(model, absent, nullptr, &tokens, e); },
               [&](Error* e) { return eigenformer_tokenize(model, hello_, nullptr, nullptr, e); },
               [&](Error* e) { return eigenformer_detokenize(nullptr, {}, nullptr, &text, e); },
               [&](Error* e) {
                 return eigenformer_detokenize(model, {nullptr, 1}, nullptr, &text, e);
               },
               [&](Error* e) { return eigenformer_detokenize(model, {}, nullptr, nullptr, e); },
               [&](Error* e) { return eigenformer_generate(nullptr, hello_, nullptr, &Pieces::add, &pieces, e); },
               [&](Error* e) { return eigenformer_generate(model, absent, nullptr, &Pieces::add, &pieces, e); },
               [&](Error* e) { return eigenformer_generate(model, hello_, nullptr, nullptr, nullptr, e); },
               [&](Error* e) { return eigenformer_generate_tokens(nullptr, {}, nullptr, &tokens, e); },
               [&](Error* e) {
                 return eigenformer_generate_tokens(model, {nullptr, 2}, nullptr, &tokens, e);
               },
               [&](Error* e) { return eigenformer_generate_tokens(model, {}, nullptr, nullptr, e); },
               [&](Error* e) { return eigenformer_generate_begin(nullptr, hello_, nullptr, &reply, e); },
               [&](Error* e) { return eigenformer_generate_begin(model, absent, nullptr, &reply, e); },
               [&](Error* e) { return eigenformer_generate_begin(model, hello_, nullptr, nullptr, e); },
               [&](Error* e) { return eigenformer_reply_next(nullptr, &piece, e); },
               [&](Error* e) { return eigenformer_reply_next(reply_.get(), nullptr, e); },
               [&](Error* e) { return eigenformer_reply_run(nullptr, &Pieces::add, &pieces, e); },
               [&](Error* e) { return eigenformer_reply_run(reply_.get(), nullptr, nullptr, e); },
               [](Error* e) { return eigenformer_reply_stop(nullptr, e); },
               [](Error* e) { return eigenformer_reply_cancel(nullptr, e); },
               [](Error* e) { return eigenformer_reply_get_result(nullptr, nullptr, 100, e); },
               [&](Error* e) { return eigenformer_reply_get_result(reply_.get(), nullptr, 100, e); }},
              "usage.null_argument");
  EXPECT_TRUE(pieces.all.empty());
}

TEST_F(CMisuse, NullInChatsAndEmbeddings) {
  eigenformer_chat* chat = nullptr;
  eigenformer_reply* reply = nullptr;
  eigenformer_message message{};
  eigenformer_owned_text text{};
  eigenformer_vectors vectors{};
  std::uint64_t count = 0;
  double similarity = 0;
  const float number = 1;
  Pieces pieces;
  const eigenformer_text absent{nullptr, 3};
  eigenformer_chat* given = chat_.get();
  expect_each({[&](Error* e) { return eigenformer_chat_new(nullptr, nullptr, &chat, e); },
               [&](Error* e) { return eigenformer_chat_new(model_.get(), nullptr, nullptr, e); },
               [&](Error* e) { return eigenformer_chat_ask(nullptr, hello_, &Pieces::add, &pieces, e); },
               [&](Error* e) { return eigenformer_chat_ask(given, absent, &Pieces::add, &pieces, e); },
               [&](Error* e) { return eigenformer_chat_ask(given, hello_, nullptr, nullptr, e); },
               [&](Error* e) { return eigenformer_chat_begin(nullptr, hello_, nullptr, &reply, e); },
               [&](Error* e) { return eigenformer_chat_begin(given, absent, nullptr, &reply, e); },
               [&](Error* e) { return eigenformer_chat_begin(given, hello_, nullptr, nullptr, e); },
               [](Error* e) { return eigenformer_chat_reset(nullptr, e); },
               [&](Error* e) { return eigenformer_chat_set_system(nullptr, hello_, e); },
               [&](Error* e) { return eigenformer_chat_set_system(given, absent, e); },
               [&](Error* e) { return eigenformer_chat_message_count(nullptr, &count, e); },
               [&](Error* e) { return eigenformer_chat_message_count(given, nullptr, e); },
               [&](Error* e) { return eigenformer_chat_message(nullptr, 0, &message, e); },
               [&](Error* e) { return eigenformer_chat_message(given, 0, nullptr, e); },
               [&](Error* e) { return eigenformer_chat_save(nullptr, &text, e); },
               [&](Error* e) { return eigenformer_chat_save(given, nullptr, e); },
               [&](Error* e) { return eigenformer_chat_load(nullptr, hello_, e); },
               [&](Error* e) { return eigenformer_chat_load(given, absent, e); },
               [&](Error* e) { return eigenformer_embed(nullptr, {}, nullptr, &vectors, e); },
               [&](Error* e) {
                 return eigenformer_embed(model_.get(), {nullptr, 1}, nullptr, &vectors, e);
               },
               [&](Error* e) {
                 return eigenformer_embed(model_.get(), {&absent, 1}, nullptr, &vectors, e);
               },
               [&](Error* e) { return eigenformer_embed(model_.get(), {}, nullptr, nullptr, e); },
               [&](Error* e) { return eigenformer_cosine_similarity(nullptr, &number, 1, &similarity, e); },
               [&](Error* e) { return eigenformer_cosine_similarity(&number, nullptr, 1, &similarity, e); },
               [&](Error* e) { return eigenformer_cosine_similarity(&number, &number, 1, nullptr, e); }},
              "usage.null_argument");
}

TEST_F(CMisuse, OtherHandles) {
  auto* no_model = reinterpret_cast<eigenformer_model*>(chat_.get());
  auto* no_chat = reinterpret_cast<eigenformer_chat*>(model_.get());
  auto* no_reply = reinterpret_cast<eigenformer_reply*>(chat_.get());
  eigenformer_generate_options options;
  ASSERT_EQ(outcome(eigenformer_generate_options_init(&options, sizeof options, error())), "ok");
  options.cancel = reinterpret_cast<eigenformer_cancel_token*>(chat_.get());
  eigenformer_chat* chat = nullptr;
  eigenformer_text piece{};
  eigenformer_owned_tokens tokens{};
  const std::int32_t id = 1;
  expect_each({[&](Error* e) { return eigenformer_chat_new(no_model, nullptr, &chat, e); },
               [&](Error* e) { return eigenformer_chat_reset(no_chat, e); },
               [&](Error* e) { return eigenformer_reply_next(no_reply, &piece, e); },
               [&](Error* e) { return eigenformer_reply_cancel(no_reply, e); },
               [&](Error* e) {
                 return eigenformer_generate_tokens(model_.get(), {&id, 1}, &options, &tokens, e);
               }},
              "usage.handle");
  eigenformer_model_free(no_model);  // they do nothing
  eigenformer_chat_free(no_chat);
  eigenformer_reply_free(no_reply);
  EXPECT_EQ(outcome(eigenformer_chat_reset(chat_.get(), error())), "ok");
}

TEST_F(CMisuse, NoErrorObject) {
  auto* other = reinterpret_cast<eigenformer_error*>(model_.get());
  for (eigenformer_error* none : {static_cast<eigenformer_error*>(nullptr), other}) {
    EXPECT_EQ(eigenformer_chat_reset(nullptr, none), EIGENFORMER_ERROR_USAGE);
    EXPECT_EQ(eigenformer_error_status(none), EIGENFORMER_ERROR_USAGE);
    EXPECT_STREQ(eigenformer_error_id(none), "");
    EXPECT_STREQ(eigenformer_error_message(none), "");
    eigenformer_error_free(none);
  }
  eigenformer_owned_tokens tokens{};
  ASSERT_EQ(outcome(eigenformer_tokenize(model_.get(), hello_, nullptr, &tokens, error())), "ok");
  eigenformer_free(tokens.ids);
}

TEST_F(CMisuse, SizesBeyondMemory) {
  eigenformer_owned_tokens tokens{};
  eigenformer_owned_text text{};
  eigenformer_vectors vectors{};
  const std::int32_t id = 1;
  constexpr std::uint64_t minus_one = UINT64_MAX;
  expect_each({[&](Error* e) {
                 return eigenformer_tokenize(model_.get(), {"a", minus_one}, nullptr, &tokens, e);
               },
               [&](Error* e) {
                 return eigenformer_detokenize(model_.get(), {&id, minus_one / 4}, nullptr, &text, e);
               },
               [&](Error* e) {
                 return eigenformer_embed(model_.get(), {&hello_, minus_one}, nullptr, &vectors, e);
               }},
              "usage.argument_size");
}

/// A structure as a later version of the header may have it.
struct LaterOptions {
  eigenformer_detokenize_options now;
  std::uint64_t more;
};

TEST_F(CMisuse, StructuresOfOtherVersions) {
  const std::int32_t ids[] = {1, 50};
  eigenformer_owned_text text{};
  LaterOptions later;
  std::memset(&later, 0xff, sizeof later);
  ASSERT_EQ(outcome(eigenformer_detokenize_options_init(&later.now, sizeof later, error())), "ok");
  EXPECT_EQ(later.now.size, sizeof later);
  EXPECT_EQ(later.more, 0U);
  ASSERT_EQ(outcome(eigenformer_detokenize(model_.get(), {ids, 2}, &later.now, &text, error())), "ok");
  eigenformer_free(text.data);
  later.more = 1;  // it is wanted, and this library does not know it
  EXPECT_EQ(outcome(eigenformer_detokenize(model_.get(), {ids, 2}, &later.now, &text, error())), "usage.struct_size");
  later.more = 0;
  for (const std::uint64_t size : {std::uint64_t{0}, sizeof later.now - 1, std::uint64_t{4097}, UINT64_MAX}) {
    later.now.size = size;
    EXPECT_EQ(outcome(eigenformer_detokenize(model_.get(), {ids, 2}, &later.now, &text, error())), "usage.struct_size");
    EXPECT_EQ(outcome(eigenformer_detokenize_options_init(&later.now, size, error())), "usage.struct_size");
  }
  eigenformer_model_info info;
  EXPECT_EQ(outcome(eigenformer_model_get_info(model_.get(), &info, 8, error())), "usage.struct_size");
}

TEST(CStructures, HaveNoPaddingThatAnotherCompilerCouldPlaceElsewhere) {
  constexpr std::size_t pointer = sizeof(void*);
  constexpr std::size_t text = sizeof(eigenformer_text);
  EXPECT_EQ(sizeof(eigenformer_load_options), 8 + 4 * 4 + 8 + 3 * pointer);
  EXPECT_EQ(sizeof(eigenformer_reader), 2 * 8 + 4 * pointer);
  EXPECT_EQ(sizeof(eigenformer_folder), 8 + 4 * pointer);
  EXPECT_EQ(sizeof(eigenformer_source), 8 + 3 * pointer);
  EXPECT_EQ(sizeof(eigenformer_memory_estimate), 7 * 8);
  EXPECT_EQ(sizeof(eigenformer_model_info), 8 + 6 * text + 2 * 4 + 10 * 8);
  EXPECT_EQ(sizeof(eigenformer_generate_options), 8 * 8 + 3 * text + pointer + text + 2 * 4);
  EXPECT_EQ(sizeof(eigenformer_reply_result), 8 + 2 * text + 2 * 8 + 2 * 8 + 2 * 4);
  EXPECT_EQ(sizeof(eigenformer_embed_options), 8 + 4 * 4 + 8 + pointer + text + pointer);
  EXPECT_EQ(sizeof(eigenformer_chat_options), 8 + text + pointer + 2 * 8 + text + pointer);
}

}  // namespace
}  // namespace eigenformer_tests
