// Text from a model, handed to a callback or pulled: as the C++ API has it.
#include "eigenformer/generate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/c_api/c_objects.hpp"

namespace eigenformer_tests {
namespace {

namespace ef = eigenformer;

class CGenerate : public CApi {
 protected:
  CGenerate() {
    EXPECT_EQ(outcome(eigenformer_generate_options_init(&options_, sizeof options_, error())), "ok");
    options_.max_new_tokens = 20;
  }

  Owned<eigenformer_reply> begin(const std::string& prompt) {
    eigenformer_reply* reply = nullptr;
    EXPECT_EQ(outcome(eigenformer_generate_begin(model_.get(), text_of(prompt), &options_, &reply, error())), "ok")
        << eigenformer_error_message(error());
    return Owned<eigenformer_reply>(reply);
  }

  eigenformer_reply_result result_of(const Owned<eigenformer_reply>& reply) {
    eigenformer_reply_result result;
    EXPECT_EQ(outcome(eigenformer_reply_get_result(reply.get(), &result, sizeof result, error())), "ok");
    return result;
  }

  std::string run_outcome(Pieces& pieces) {
    return outcome(
        eigenformer_generate(model_.get(), eigenformer_text_of("hello"), &options_, &Pieces::add, &pieces, error()));
  }

  /// What C++ says to "hello".
  std::vector<std::string> expected_pieces(const ef::GenerateOptions& options) {
    std::vector<std::string> pieces;
    for (auto reply = ef::begin(cpp_model_, "hello", options); auto piece = reply.next();) pieces.push_back(*piece);
    return pieces;
  }

  Owned<eigenformer_model> model_ = load(k_c_writer);
  ef::Model cpp_model_ = ef::load(k_c_writer);
  eigenformer_generate_options options_;
};

TEST_F(CGenerate, DefaultsAreThoseOfCpp) {
  eigenformer_generate_options options;
  ASSERT_EQ(outcome(eigenformer_generate_options_init(&options, sizeof options, error())), "ok");
  const ef::GenerateOptions expected;
  EXPECT_EQ(options.size, sizeof options);
  EXPECT_EQ(options.max_new_tokens, ef::k_default_new_tokens);
  EXPECT_EQ(options.temperature, expected.temperature);
  EXPECT_EQ(options.top_k, expected.top_k);
  EXPECT_EQ(options.top_p, expected.top_p);
  EXPECT_EQ(options.min_p, expected.min_p);
  EXPECT_EQ(options.repetition_penalty, expected.repetition_penalty);
  EXPECT_EQ(options.seed, expected.seed);
  Pieces without, with;
  ASSERT_EQ(outcome(eigenformer_generate(model_.get(), eigenformer_text_of("hello"), nullptr, &Pieces::add, &without,
                                         error())),
            "ok");
  ASSERT_EQ(
      outcome(eigenformer_generate(model_.get(), eigenformer_text_of("hello"), &options, &Pieces::add, &with, error())),
      "ok");
  EXPECT_EQ(without.all, with.all);
  EXPECT_EQ(without.all, expected_pieces({}));
}

TEST_F(CGenerate, PiecesAreThoseOfCpp) {
  Pieces pieces;
  ASSERT_EQ(run_outcome(pieces), "ok");
  EXPECT_GT(pieces.all.size(), 3U);
  EXPECT_EQ(pieces.all, expected_pieces({.max_new_tokens = 20}));
}

TEST_F(CGenerate, EveryOptionReachesTheLibrary) {
  options_.temperature = 1.5;
  options_.top_p = 0.95;
  options_.min_p = 0.01;
  options_.top_k = 50;
  options_.repetition_penalty = 1.3;
  options_.seed = 7;
  Pieces pieces;
  ASSERT_EQ(run_outcome(pieces), "ok");
  const ef::GenerateOptions expected{.max_new_tokens = 20,
                                     .temperature = 1.5,
                                     .top_k = 50,
                                     .top_p = 0.95,
                                     .min_p = 0.01,
                                     .repetition_penalty = 1.3,
                                     .seed = 7};
  EXPECT_EQ(pieces.all, expected_pieces(expected));
  // Each of them counts: without it the text would be another one, or C++'s own would be as well.
  for (const auto change :
       {+[](ef::GenerateOptions& o) { o.temperature = 0; }, +[](ef::GenerateOptions& o) { o.seed = 8; },
        +[](ef::GenerateOptions& o) { o.repetition_penalty = 1; }}) {
    ef::GenerateOptions other = expected;
    change(other);
    EXPECT_NE(pieces.all, expected_pieces(other));
  }
}

TEST_F(CGenerate, StopTextsAndTokensAndBans) {
  const std::string whole = [&] {
    Pieces pieces;
    EXPECT_EQ(run_outcome(pieces), "ok");
    return pieces.joined();
  }();
  const std::string word = whole.substr(whole.find("an"), 2);
  const eigenformer_text texts[] = {eigenformer_text_of("never there"), text_of(word)};
  options_.stop = {texts, 2};
  Pieces stopped;
  ASSERT_EQ(run_outcome(stopped), "ok");
  EXPECT_EQ(stopped.joined(), whole.substr(0, whole.find(word)));

  options_.stop = {};
  options_.banned_strings = {texts, 2};
  Pieces banned;
  ASSERT_EQ(run_outcome(banned), "ok");
  EXPECT_EQ(banned.joined().find(word), std::string::npos);
  EXPECT_EQ(banned.all, expected_pieces({.max_new_tokens = 20, .banned_strings = {"never there", word}}));

  options_.banned_strings = {};
  const auto reply = begin("hello");
  ASSERT_EQ(outcome(eigenformer_reply_run(reply.get(), &Pieces::add, &banned, error())), "ok");
  const std::int32_t third = result_of(reply).tokens.ids[2];
  options_.stop_tokens = {&third, 1};
  const auto shorter = begin("hello");
  ASSERT_EQ(outcome(eigenformer_reply_run(shorter.get(), &Pieces::add, &banned, error())), "ok");
  EXPECT_LE(result_of(shorter).tokens.count, 3U);
  EXPECT_EQ(result_of(shorter).finish_reason, EIGENFORMER_FINISH_END_TOKEN);
}

TEST_F(CGenerate, AGenerationConfigGivesTheOthers) {
  const std::string json = R"({"no_repeat_ngram_size": 1, "max_new_tokens": 12})";
  options_.generation_config = text_of(json);
  Pieces pieces;
  ASSERT_EQ(run_outcome(pieces), "ok");
  EXPECT_EQ(pieces.all, expected_pieces({.max_new_tokens = 20, .no_repeat_ngram_size = 1}));
  options_.max_new_tokens = ef::k_default_new_tokens;  // the default: the config's goes before it
  Pieces shorter;
  ASSERT_EQ(run_outcome(shorter), "ok");
  EXPECT_EQ(shorter.all, expected_pieces({.max_new_tokens = 12, .no_repeat_ngram_size = 1}));
  options_.generation_config = eigenformer_text_of("{");
  EXPECT_EQ(run_outcome(pieces), "format.json_syntax");
  EXPECT_STREQ(eigenformer_error_where(error()),
               ef::try_generation_options(cpp_model_, {"{", "generation_config"}).error().where.c_str());
}

TEST_F(CGenerate, OptionsOutOfTheirRange) {
  Pieces pieces;
  options_.top_p = 7;
  EXPECT_EQ(run_outcome(pieces), "usage.option_range");
  EXPECT_EQ(eigenformer_error_message(error()),
            ef::try_begin(cpp_model_, "hello", {.max_new_tokens = 20, .top_p = 7}).error().message());
  options_.top_p = 1;
  options_.max_new_tokens = 0;
  EXPECT_EQ(run_outcome(pieces), "usage.option_range");
  options_.max_new_tokens = 20;
  options_.ignore_end_tokens = -1;
  EXPECT_EQ(run_outcome(pieces), "usage.option_range");
  options_.ignore_end_tokens = 0;
  options_.banned_strings_case = 2;
  EXPECT_EQ(run_outcome(pieces), "usage.option_range");
  EXPECT_TRUE(pieces.all.empty());
}

TEST_F(CGenerate, ACallbackMayStop) {
  Pieces pieces{.stop_after = 2};
  ASSERT_EQ(run_outcome(pieces), "ok");
  EXPECT_EQ(pieces.all.size(), 2U);
  const auto reply = begin("hello");
  Pieces one{.stop_after = 1};
  ASSERT_EQ(outcome(eigenformer_reply_run(reply.get(), &Pieces::add, &one, error())), "ok");
  EXPECT_EQ(string_of(result_of(reply).text), one.joined());
  EXPECT_EQ(result_of(reply).finish_reason, EIGENFORMER_FINISH_CANCELLED);
}

TEST_F(CGenerate, ACallbackMayEvenThrow) {
  const eigenformer_status status = eigenformer_generate(
      model_.get(), eigenformer_text_of("hello"), &options_, [](void*, eigenformer_text) -> std::int32_t { throw 3; },
      nullptr, error());
  EXPECT_EQ(status, EIGENFORMER_ERROR_SYSTEM);
  EXPECT_STREQ(eigenformer_error_id(error()), "system.unexpected");
}

TEST_F(CGenerate, AReplyIsPulled) {
  const auto reply = begin("hello");
  EXPECT_EQ(result_of(reply).finish_reason, EIGENFORMER_FINISH_NONE);
  std::vector<std::string> pieces;
  eigenformer_text piece{};
  while (outcome(eigenformer_reply_next(reply.get(), &piece, error())) == "ok" && piece.data != nullptr) {
    EXPECT_EQ(piece.data[piece.size], '\0');
    pieces.push_back(string_of(piece));
  }
  EXPECT_EQ(pieces, expected_pieces({.max_new_tokens = 20}));
  ASSERT_EQ(outcome(eigenformer_reply_next(reply.get(), &piece, error())), "ok");  // over it stays
  EXPECT_EQ(piece.data, nullptr);

  ef::Reply expected = ef::begin(cpp_model_, "hello", {.max_new_tokens = 20});
  while (expected.next()) {
  }
  const eigenformer_reply_result result = result_of(reply);
  EXPECT_EQ(string_of(result.text), expected.text());
  EXPECT_EQ(std::vector<std::int32_t>(result.tokens.ids, result.tokens.ids + result.tokens.count),
            std::vector<std::int32_t>(expected.ids().begin(), expected.ids().end()));
  EXPECT_EQ(result.finish_reason, static_cast<std::int32_t>(*expected.finish_reason()) + 1);
  EXPECT_EQ(result.prompt_tokens, expected.statistics().prompt_tokens);
  EXPECT_EQ(result.cached_tokens, expected.statistics().cached_tokens);
  EXPECT_GT(result.prompt_seconds, 0);
  EXPECT_GT(result.token_seconds, 0);
}

TEST_F(CGenerate, AReplyIsStopped) {
  const auto reply = begin("hello");
  eigenformer_text piece{};
  ASSERT_EQ(outcome(eigenformer_reply_next(reply.get(), &piece, error())), "ok");
  const std::string first = string_of(piece);
  ASSERT_EQ(outcome(eigenformer_reply_stop(reply.get(), error())), "ok");
  ASSERT_EQ(outcome(eigenformer_reply_next(reply.get(), &piece, error())), "ok");
  EXPECT_EQ(piece.data, nullptr);
  EXPECT_EQ(string_of(result_of(reply).text), first);
}

TEST_F(CGenerate, AReplyOutlivesItsModel) {
  const auto reply = begin("hello");
  model_.reset();
  Pieces pieces;
  ASSERT_EQ(outcome(eigenformer_reply_run(reply.get(), &Pieces::add, &pieces, error())), "ok");
  EXPECT_EQ(pieces.all, expected_pieces({.max_new_tokens = 20}));
}

TEST_F(CGenerate, AnotherThreadCancelsAReply) {
  options_.ignore_end_tokens = 1;
  options_.max_new_tokens = 100;
  const auto reply = begin("hello");
  std::atomic<bool> begun = false;
  std::thread other([&] {
    begun.wait(false);
    EXPECT_EQ(eigenformer_reply_cancel(reply.get(), nullptr), EIGENFORMER_OK);
    begun = false;
    begun.notify_one();
  });
  const auto wait_for_the_cancel = [](void* context, eigenformer_text) -> std::int32_t {
    auto* flag = static_cast<std::atomic<bool>*>(context);
    *flag = true;
    flag->notify_one();
    flag->wait(true);
    return EIGENFORMER_CONTINUE;
  };
  EXPECT_EQ(outcome(eigenformer_reply_run(reply.get(), wait_for_the_cancel, &begun, error())), "ok");
  other.join();
  EXPECT_EQ(result_of(reply).finish_reason, EIGENFORMER_FINISH_CANCELLED);
  EXPECT_LT(result_of(reply).tokens.count, 100U);
}

TEST_F(CGenerate, ATokenCancels) {
  const Owned<eigenformer_cancel_token> token(eigenformer_cancel_token_new());
  options_.cancel = token.get();
  const auto reply = begin("hello");
  eigenformer_cancel_token_cancel(token.get());
  Pieces pieces;
  EXPECT_EQ(outcome(eigenformer_reply_run(reply.get(), &Pieces::add, &pieces, error())), "ok");
  EXPECT_EQ(result_of(reply).finish_reason, EIGENFORMER_FINISH_CANCELLED);
  EXPECT_TRUE(pieces.all.empty());
  EXPECT_EQ(run_outcome(pieces), "ok");  // turned beforehand: an empty answer
  EXPECT_TRUE(pieces.all.empty());
}

TEST_F(CGenerate, TokensAreThoseOfCpp) {
  const auto bare = load(EIGENFORMER_SOURCE_DIR "/tests/golden/llama/default");
  const std::vector<std::int32_t> prompt{1, 2, 3};
  eigenformer_owned_tokens tokens{};
  options_.max_new_tokens = 9;
  ASSERT_EQ(outcome(eigenformer_generate_tokens(bare.get(), {prompt.data(), 3}, &options_, &tokens, error())), "ok");
  const Owned<std::int32_t> owner(tokens.ids);
  const auto expected =
      ef::generate(ef::load(EIGENFORMER_SOURCE_DIR "/tests/golden/llama/default"), prompt, {.max_new_tokens = 9});
  EXPECT_EQ(std::vector<std::int32_t>(tokens.ids, tokens.ids + tokens.count), expected[0].ids);
  eigenformer_owned_tokens none{};
  EXPECT_EQ(outcome(eigenformer_generate_tokens(bare.get(), {nullptr, 0}, &options_, &none, error())),
            "usage.prompt_empty");
  EXPECT_EQ(none.ids, nullptr);
}

TEST_F(CGenerate, TwoThreadsShareAModel) {
  std::vector<std::string> texts(2);
  std::vector<std::thread> threads;
  for (std::string& text : texts) {
    threads.emplace_back([&] {
      Pieces pieces;
      EXPECT_EQ(
          eigenformer_generate(model_.get(), eigenformer_text_of("hello"), &options_, &Pieces::add, &pieces, nullptr),
          EIGENFORMER_OK);
      text = pieces.joined();
    });
  }
  for (std::thread& thread : threads) thread.join();
  Pieces alone;
  ASSERT_EQ(run_outcome(alone), "ok");
  EXPECT_EQ(texts, std::vector<std::string>(2, alone.joined()));
}

}  // namespace
}  // namespace eigenformer_tests
