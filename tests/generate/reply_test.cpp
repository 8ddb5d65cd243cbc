#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "eigenformer/generate.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/tiny_model.hpp"
#include "tests/support/tiny_tokenizer.hpp"

namespace {

namespace ef = eigenformer;
using eigenformer_tests::error_id_of;
using eigenformer_tests::error_of;
using eigenformer_tests::TinyModel;

TinyModel speaking_model(std::vector<ef::TokenId> end_tokens = {}) {
  const ef::Tokenizer tokenizer = eigenformer_tests::make_tiny_tokenizer();
  return eigenformer_tests::make_tiny_model({.vocabulary_size = tokenizer.vocabulary_size(),
                                             .end_tokens = std::move(end_tokens),
                                             .tokenizer = tokenizer,
                                             .scale = 1});
}

ef::TokenId chat_end(const TinyModel& tiny) { return *tiny.model.tokenizer().token_id("<|im_end|>"); }

std::vector<std::string> pieces_of(ef::Reply& reply) {
  std::vector<std::string> pieces;
  while (auto piece = reply.next()) pieces.push_back(*piece);
  return pieces;
}

std::string joined(const std::vector<std::string>& pieces) {
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  return text;
}

/// Strict UTF-8 but for overlong forms and surrogates, which no decoder here makes.
bool is_whole_characters(std::string_view text) {
  std::size_t index = 0;
  while (index < text.size()) {
    const auto lead = static_cast<unsigned char>(text[index]);
    const std::size_t size = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
    if (size == 0 || index + size > text.size()) return false;
    for (std::size_t next = 1; next < size; ++next) {
      if ((static_cast<unsigned char>(text[index + next]) & 0xC0U) != 0x80U) return false;
    }
    index += size;
  }
  return true;
}

TEST(Reply, SaysWhatGenerateGives) {
  const TinyModel tiny = speaking_model();
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const ef::GenerateOptions options{.max_new_tokens = 40, .temperature = 1, .seed = seed};
    ef::Reply reply = ef::begin(tiny.model, "hello the user", options);
    EXPECT_EQ(tiny.control->rows.exchange(0), 0U);  // nothing is computed before the first next()
    const std::vector<std::string> pieces = pieces_of(reply);
    for (const std::string& piece : pieces) {
      EXPECT_FALSE(piece.empty());
      EXPECT_TRUE(is_whole_characters(piece)) << piece;
    }
    const auto expected = ef::generate(tiny.model, tiny.model.tokenizer().encode("hello the user"), options).at(0);
    EXPECT_THAT(reply.ids(), testing::ElementsAreArray(expected.ids));
    EXPECT_EQ(joined(pieces), expected.text);
    EXPECT_EQ(reply.text(), expected.text);
    EXPECT_EQ(expected.text, tiny.model.tokenizer().decode(expected.ids, {.skip_special_tokens = true}));
    EXPECT_EQ(reply.finish_reason(), ef::FinishReason::length);
    EXPECT_EQ(reply.next(), std::nullopt);
    tiny.control->rows = 0;
  }
}

TEST(Reply, DoesNotSayTheEndToken) {
  TinyModel tiny = speaking_model();
  const ef::GenerateOptions options{.max_new_tokens = 30, .temperature = 1};
  ef::Reply free = ef::begin(tiny.model, "hello", options);
  pieces_of(free);
  const ef::TokenId end = free.ids()[12];
  tiny = speaking_model({end});
  ef::Reply reply = ef::begin(tiny.model, "hello", options);
  const std::string text = joined(pieces_of(reply));
  ASSERT_EQ(reply.ids().back(), end);
  EXPECT_EQ(text, tiny.model.tokenizer().decode(reply.ids().first(reply.ids().size() - 1), {}));
  EXPECT_EQ(reply.finish_reason(), ef::FinishReason::end_token);
}

TEST(Reply, EndsBeforeAStopStringWhereverItIsCut) {
  const TinyModel tiny = speaking_model();
  ef::GenerateOptions options{.max_new_tokens = 60, .temperature = 1};
  ef::Reply free = ef::begin(tiny.model, "hello", options);
  pieces_of(free);
  const std::string text = free.text();
  int compared = 0;
  for (std::size_t begin = 0; begin + 4 <= text.size(); ++begin) {
    const std::string stop = text.substr(begin, 4);
    if ((static_cast<unsigned char>(stop[0]) & 0xC0U) == 0x80U) continue;  // inside a character
    options.stop = {"is not there", stop};
    ef::Reply reply = ef::begin(tiny.model, "hello", options);
    EXPECT_EQ(joined(pieces_of(reply)), text.substr(0, text.find(stop))) << stop;
    EXPECT_EQ(reply.finish_reason(), ef::FinishReason::stop_string);
    EXPECT_EQ(ef::generate(tiny.model, tiny.model.tokenizer().encode("hello"), options).at(0).text, reply.text());
    ++compared;
  }
  EXPECT_GT(compared, 20);
}

TEST(Reply, ShowsWhatAStopStringHeldBackWhenItEnds) {
  const TinyModel tiny = speaking_model();
  ef::GenerateOptions options{.max_new_tokens = 20, .temperature = 1};
  ef::Reply free = ef::begin(tiny.model, "hello", options);
  pieces_of(free);
  options.stop = {free.text().substr(free.text().rfind(free.text().back())) + "?never"};
  ef::Reply reply = ef::begin(tiny.model, "hello", options);
  EXPECT_EQ(joined(pieces_of(reply)), free.text());
  EXPECT_EQ(reply.finish_reason(), ef::FinishReason::length);
}

TEST(Reply, CountsWhatItCost) {
  const TinyModel tiny = speaking_model();
  ef::Reply reply = ef::begin(tiny.model, "hello the", {.max_new_tokens = 7});
  EXPECT_EQ(reply.statistics().prompt_tokens, 2U);
  pieces_of(reply);
  EXPECT_EQ(reply.statistics().cached_tokens, 0U);
  EXPECT_EQ(reply.statistics().new_tokens, 7U);
  EXPECT_GT(reply.statistics().prompt_seconds, 0);
  EXPECT_GT(reply.statistics().token_seconds, 0);
  EXPECT_EQ(tiny.control->rows, 2U + 6U);
}

TEST(Reply, StopsWhereItIsTold) {
  const TinyModel tiny = speaking_model();
  ef::Reply reply = ef::begin(tiny.model, "hello", {.max_new_tokens = 50});
  const std::string first = *reply.next();
  EXPECT_EQ(reply.finish_reason(), std::nullopt);
  reply.stop();
  EXPECT_EQ(reply.finish_reason(), ef::FinishReason::cancelled);
  EXPECT_EQ(reply.next(), std::nullopt);
  EXPECT_EQ(reply.text(), first);
  reply.stop();  // once more does no harm
}

TEST(Reply, CanBeCancelledByAnotherThreadInsideThePrompt) {
  const TinyModel tiny = speaking_model();
  ef::Reply reply = ef::begin(tiny.model, std::string(200, 'x'), {.max_new_tokens = 50, .prefill_chunk = 10});
  tiny.control->on_row = [token = reply.cancel_token()](const ef::nn::Row& row) {
    if (row.slot == 55) std::thread([&] { token.cancel(); }).join();
  };
  EXPECT_EQ(reply.next(), std::nullopt);
  EXPECT_EQ(reply.finish_reason(), ef::FinishReason::cancelled);
  EXPECT_EQ(tiny.control->rows, 60U);
}

TEST(Reply, TakesTheHostsCancelToken) {
  const TinyModel tiny = speaking_model();
  const ef::CancelToken cancel;
  cancel.cancel();
  ef::Reply reply = ef::begin(tiny.model, "hello", {.cancel = cancel});
  EXPECT_TRUE(reply.cancel_token().cancelled());
  EXPECT_EQ(reply.next(), std::nullopt);
  EXPECT_EQ(tiny.control->rows, 0U);
  cancel.reset();
  EXPECT_TRUE(ef::begin(tiny.model, "hello", {.cancel = cancel}).next().has_value());
}

TEST(Reply, IsOverAfterAnError) {
  const TinyModel tiny = speaking_model();
  ef::Reply reply = ef::begin(tiny.model, "hello", {.max_new_tokens = 50});
  reply.next();
  tiny.control->token_of_nan = reply.ids().back();
  const auto result = reply.try_next();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().id, "numeric.logits_not_finite");
  EXPECT_EQ(reply.next(), std::nullopt);
  EXPECT_EQ(reply.finish_reason(), std::nullopt);
}

TEST(Reply, MayBeMovedAndDestroyedMidway) {
  const TinyModel tiny = speaking_model();
  std::optional<ef::Reply> reply = ef::begin(tiny.model, "hello", {.max_new_tokens = 50});
  reply->next();
  ef::Reply other = std::move(*reply);
  reply.reset();
  EXPECT_TRUE(other.next().has_value());
  other = ef::begin(tiny.model, "the user", {.max_new_tokens = 3});
  EXPECT_FALSE(pieces_of(other).empty());
}

TEST(Reply, KeepsTheModelAlive) {
  std::optional<TinyModel> tiny = speaking_model();
  ef::Reply reply = ef::begin(tiny->model, "hello", {.max_new_tokens = 5});
  tiny.reset();
  EXPECT_FALSE(pieces_of(reply).empty());
}

TEST(Begin, RefusesWhatIsNoReply) {
  const TinyModel tiny = speaking_model();
  EXPECT_EQ(error_of([&] { ef::begin(tiny.model, "hello", {.temperature = 1, .num_return_sequences = 2}); }),
            "usage.reply_sequences: num_return_sequences: expected one sequence in a reply, found num_return_sequences "
            "2; use generate() for several");
  EXPECT_EQ(error_id_of([&] { ef::begin(tiny.model, ""); }), "usage.prompt_empty");
  EXPECT_EQ(error_id_of([&] { ef::begin(tiny.model, "hello", {.top_p = 2}); }), "usage.option_range");
  EXPECT_EQ(error_id_of([&] { ef::begin(tiny.model, std::string(300, 'x')); }), "usage.prompt_too_long");
  const TinyModel speechless = eigenformer_tests::make_tiny_model();
  EXPECT_EQ(ef::try_begin(speechless.model, "hello").error().id, "tokenizer.missing");
}

TEST(Begin, ReadsSpecialTokensInThePrompt) {
  const TinyModel tiny = speaking_model();
  ef::Reply reply = ef::begin(tiny.model, "<|im_end|>", {.max_new_tokens = 1});
  EXPECT_EQ(reply.statistics().prompt_tokens, 1U);
  tiny.control->on_row = [&](const ef::nn::Row& row) { EXPECT_EQ(row.token, chat_end(tiny)); };
  reply.next();
}

}  // namespace
