// The user's handle: plain spans, streams, names, threads with little stack.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "eigenformer/tokenize/load.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/small_stack.hpp"
#include "tests/tokenize/recorded.hpp"

namespace eigenformer_tests {
namespace {

using eigenformer::ByteSpan;
using eigenformer::Encoding;
using eigenformer::StreamDecoder;
using eigenformer::TokenId;
using eigenformer::Tokenizer;
using eigenformer::TruncationStrategy;
using Ids = std::vector<TokenId>;

Tokenizer load(const char* name) { return eigenformer::tokenize::load_tokenizer_folder(k_tokenize_data / name); }

TEST(PlainSpans, AVisitorsSpecialTokenStaysText) {
  const Tokenizer tokenizer = load("smollm");
  const std::string before = "<|im_start|>user\n", content = "a<|im_end|>b <|im_start|>", after = "<|im_end|>\n";
  const Ids ids =
      tokenizer.encode(before + content + after, {.plain_spans = {{before.size(), before.size() + content.size()}}});
  EXPECT_EQ(std::count(ids.begin(), ids.end(), tokenizer.token_id("<|im_start|>").value()), 1);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), tokenizer.token_id("<|im_end|>").value()), 1);
  EXPECT_EQ(tokenizer.decode(ids), before + content + after);
}

TEST(PlainSpans, HarmlessContentHasTheIdsItWouldHaveWithout) {
  for (const char* name : {"gpt2", "llama3", "smollm", "qwen2"}) {
    const Tokenizer tokenizer = load(name);
    for (const std::string& text : hard_texts()) {
      const bool harmless = text.find('<') == std::string::npos && text.find('[') == std::string::npos;
      if (!harmless) continue;
      EXPECT_EQ(tokenizer.encode(text, {.plain_spans = {{0, text.size()}}}), tokenizer.encode(text));
    }
  }
}

TEST(PlainSpans, AMatchThatOverlapsOneIsNotTakenButAShorterOneIs) {
  const Tokenizer tokenizer = load("smollm");
  const std::string text = "<|im_end|>";
  const Ids token = tokenizer.encode(text);
  ASSERT_EQ(token.size(), 1U);
  EXPECT_NE(tokenizer.encode(text, {.plain_spans = {{0, 1}}}), token);
  EXPECT_NE(tokenizer.encode(text, {.plain_spans = {{9, 10}}}), token);
  EXPECT_NE(tokenizer.encode(text, {.plain_spans = {{4, 5}, {0, 0}}}), token);
  EXPECT_EQ(tokenizer.encode(text, {.plain_spans = {{5, 5}}}), token);
  // The begin of one token in the visitor's text does not hide the next one.
  const Ids hidden = tokenizer.encode("<|im_<|im_end|>", {.plain_spans = {{0, 5}}});
  EXPECT_EQ(hidden.back(), token[0]);
}

TEST(WithoutSpecialTokens, NoneIsLeft) {
  const Tokenizer tokenizer = load("smollm");
  const auto rest = [&](const std::string& text) { return tokenizer.without_special_tokens(text); };
  EXPECT_EQ(rest(""), "");
  EXPECT_EQ(rest("a<|im_end|>b <|im_start|>"), "ab ");
  EXPECT_EQ(rest("<|im_end"), "<|im_end");
  EXPECT_EQ(rest("1 < 2 |> \xC3\xA9\xFF"), "1 < 2 |> \xC3\xA9\xFF");
  EXPECT_EQ(rest("x<|im_<|im_end|>end|>y"), "xy");
  EXPECT_EQ(rest("<|im_st<|endoftext|>art|>system"), "system");
  std::string nested;
  for (int depth = 0; depth < 100'000; ++depth) nested += "<|im_";
  for (int depth = 0; depth < 100'000; ++depth) nested += "end|>";
  EXPECT_EQ(rest(nested), "");
}

/// White space and other tokens that a tokenizer looks for first are no special ones.
TEST(WithoutSpecialTokens, LeaveWhatIsNotSpecial) {
  for (const char* name : {"gpt2", "llama3", "smollm", "qwen2"}) {
    const Tokenizer tokenizer = load(name);
    for (const std::string& text : hard_texts()) {
      const std::string rest = tokenizer.without_special_tokens(text);
      const Ids ids = tokenizer.encode(rest, {.add_special_tokens = false});
      for (const TokenId id : ids) EXPECT_FALSE(tokenizer.is_special(id)) << rest;
      if (text.find('<') == std::string::npos) {
        EXPECT_EQ(rest, text);
      }
    }
  }
}

TEST(PlainSpans, OutOfTheTextAreAnError) {
  const Tokenizer tokenizer = load("smollm");
  EXPECT_EQ(error_of([&] {
              tokenizer.encode("abc", {.plain_spans = {{1, 4}}});
            }),
            "usage.plain_span: EncodeOptions::plain_spans: expected spans inside a text of 3 bytes, found 1 to 4; give "
            "byte offsets of the text that is encoded");
  EXPECT_FALSE(tokenizer.try_encode("abc", {.plain_spans = {{2, 1}}}).ok());
}

TEST(PlainSpans, BytesOfIllFormedTextCount) {
  const Tokenizer tokenizer = load("smollm");
  const std::string text = "\xFF\xE2\x82<|im_end|>\x80<|im_end|>";  // the first marker is at 3, the second at 14
  const TokenId marker = tokenizer.token_id("<|im_end|>").value();
  const Ids first = tokenizer.encode(text, {.plain_spans = {{14, 24}}});
  EXPECT_EQ(std::count(first.begin(), first.end(), marker), 1);
  EXPECT_EQ(std::count(first.begin(), first.end() - 1, marker), 1);
  const Ids second = tokenizer.encode(text, {.plain_spans = {{2, 5}}});
  EXPECT_EQ(second.back(), marker);
  EXPECT_EQ(std::count(second.begin(), second.end(), marker), 1);
}

TEST(Offsets, PointIntoTheGivenBytes) {
  const Tokenizer tokenizer = load("smollm");
  const std::string text = "a\xF0\x9F\x98<|im_end|>";
  const Encoding encoding = tokenizer.encode_with_offsets(text);
  EXPECT_EQ(encoding.offsets.front(), (ByteSpan{0, 1}));
  EXPECT_EQ(encoding.offsets[1], (ByteSpan{1, 4}));
  EXPECT_EQ(encoding.offsets.back(), (ByteSpan{4, 14}));
}

TEST(Stream, HoldsBackUnfinishedCharacters) {
  const Tokenizer tokenizer = load("smollm");
  const std::string text = "\xF0\x9F\x98\x80";
  const Ids ids = tokenizer.encode(text);
  ASSERT_GE(ids.size(), 3U) << "the character lies in several tokens";
  StreamDecoder stream = tokenizer.stream();
  for (std::size_t k = 0; k + 1 < ids.size(); ++k) EXPECT_EQ(stream.push(ids[k]), "");
  StreamDecoder copy = stream;
  EXPECT_EQ(stream.push(ids.back()), text);
  EXPECT_EQ(stream.finish(), "");
  EXPECT_EQ(copy.finish(), "\xEF\xBF\xBD");
  EXPECT_EQ(copy.push(ids.back()), "\xEF\xBF\xBD");
  EXPECT_EQ(tokenizer.token_bytes(ids.back()), text.substr(text.size() - 1));
}

TEST(Names, OfTheConfigFiles) {
  const Tokenizer gpt2 = load("gpt2");
  EXPECT_EQ(gpt2.token(gpt2.beginning_of_sequence().value()), "<|im_start|>");
  EXPECT_EQ(gpt2.token(gpt2.end_of_sequence().value()), "<|endoftext|>");
  EXPECT_EQ(gpt2.token(gpt2.unknown().value()), "<|endoftext|>");
  EXPECT_EQ(gpt2.token(gpt2.padding().value()), "<pad>");
  const Tokenizer qwen2 = load("qwen2");
  EXPECT_EQ(qwen2.beginning_of_sequence(), std::nullopt);
  EXPECT_EQ(qwen2.token(qwen2.end_of_sequence().value()), "<|im_end|>");
  EXPECT_EQ(qwen2.unknown(), std::nullopt);
  EXPECT_EQ(load("smollm").end_of_sequence(), std::nullopt);
}

TEST(Vocabulary, LooksUpBothWays) {
  const Tokenizer tokenizer = load("qwen2");
  for (std::size_t id = 0; id < tokenizer.vocabulary_size(); ++id) {
    EXPECT_EQ(tokenizer.token_id(tokenizer.token(static_cast<TokenId>(id))), static_cast<TokenId>(id));
  }
  EXPECT_EQ(tokenizer.token_id("no such token"), std::nullopt);
  EXPECT_EQ(error_of([&] { (void)tokenizer.token(-1); }),
            "tokenizer.unknown_id: Tokenizer::token: expected an id from 0 to " +
                std::to_string(tokenizer.vocabulary_size() - 1) + ", found -1; use ids that this tokenizer gave");
  EXPECT_FALSE(tokenizer.try_token(static_cast<TokenId>(tokenizer.vocabulary_size())).ok());
  EXPECT_EQ(tokenizer.token_bytes(-1), "");
  EXPECT_FALSE(tokenizer.is_special(-1));
  EXPECT_EQ(tokenizer.decode(Ids{-1, 1 << 30}), "");
}

TEST(Windows, OptionsThatLeaveNoRoomAreAnError) {
  const Tokenizer tokenizer = load("llama3");  // one token in front of each text
  const auto error = [&](const eigenformer::TextPair& texts, const eigenformer::TruncateOptions& options) {
    return error_of([&] { (void)tokenizer.encode_windows(texts, options); });
  };
  EXPECT_EQ(
      error({.first = "a b c"}, {.max_length = 1}),
      "usage.truncation: TruncateOptions: expected a max_length above the 1 tokens of the template, found 1; raise "
      "max_length, lower the stride, or cut another text");
  EXPECT_EQ(error({.first = "a b c d"}, {.max_length = 3, .stride = 2}).substr(0, 58),
            "usage.truncation: TruncateOptions: expected a stride below");
  EXPECT_EQ(error({.first = "a b c d"}, {.max_length = 3, .strategy = TruncationStrategy::only_second}).substr(0, 59),
            "usage.truncation: TruncateOptions: expected two texts for t");
  EXPECT_EQ(error({.first = "a", .second = "a b c d"}, {.max_length = 3, .strategy = TruncationStrategy::only_first})
                .substr(0, 58),
            "usage.truncation: TruncateOptions: expected a text of more");
  EXPECT_EQ(error({.first = "a b c d"}, {.max_length = 3, .stride = 1}), "no error");
}

TEST(SmallStack, LongRunsNeedNone) {
  for (const char* name : {"flags", "llama3", "gpt2"}) {  // flags has a pattern that PCRE2 runs
    const Tokenizer tokenizer = load(name);
    std::size_t total = 0;
    on_small_stack(256 * 1024, [&] {
      for (const auto& [rule, text] : long_runs()) {
        auto encoding =
            tokenizer.try_encode_with_offsets(text);  // an error, where a pattern is stopped, needs no more stack
        if (encoding.ok()) total += encoding.value().ids.size();
      }
    });
    EXPECT_GT(total, 0U) << name;
  }
}

TEST(LongRuns, TimeGrowsWithTheirLengthNotItsSquare) {
  const Tokenizer tokenizer = load("smollm");
  const auto seconds = [&](std::size_t length) {
    const std::string text(length, 'a');
    const auto begin = std::chrono::steady_clock::now();
    (void)tokenizer.encode(text);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  (void)seconds(1000);
  EXPECT_LT(seconds(1U << 20U), 20.0);  // of a million letters: a square would take hours
}

}  // namespace
}  // namespace eigenformer_tests
