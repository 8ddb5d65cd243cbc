// Texts that never come: what is written instead, and what is held back meanwhile.
#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eigenformer/chat.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/held_tokens.hpp"
#include "eigenformer/generate/processors/score_filters.hpp"
#include "eigenformer/scheduler.hpp"
#include "tests/generate/banned_reference.hpp"
#include "tests/generate/generated.hpp"
#include "tests/generate/letter_tokenizers.hpp"
#include "tests/support/copy_into.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/tiny_model.hpp"
#include "tests/support/tiny_tokenizer.hpp"

namespace banned_strings_test {

namespace ef = eigenformer;
using eigenformer_tests::Bans;
using eigenformer_tests::error_of;
using eigenformer_tests::expect_same;
using eigenformer_tests::GoldenCase;
using eigenformer_tests::greedy_reference;
using eigenformer_tests::in_small_letters;
using eigenformer_tests::make_byte_fallback_letters;
using eigenformer_tests::make_byte_level_letters;
using eigenformer_tests::make_tiny_model;
using eigenformer_tests::TinyModel;
using Ids = std::vector<ef::TokenId>;
using Texts = std::vector<std::string>;

/// A model that writes letters, unsure enough to write all of them.
TinyModel letters_model(const ef::Tokenizer& tokenizer, std::uint32_t frequency_border = 1U << 30U) {
  return make_tiny_model({.vocabulary_size = tokenizer.vocabulary_size(),
                          .context_length = 120,
                          .end_tokens = {*tokenizer.end_of_sequence()},
                          .tokenizer = tokenizer,
                          .frequency_border = frequency_border,
                          .scale = 0.7F});
}

std::vector<TinyModel> letters_models() {
  return {letters_model(make_byte_level_letters()), letters_model(make_byte_fallback_letters()),
          letters_model(make_byte_level_letters(), 20)};
}

const std::vector<Texts> k_bans = {{"a"}, {"abc"}, {"bc", "ca"}, {"é"}, {"bé", "ab"}, {"cab", "aa", "éb"}};

std::string found_in(const std::string& text, const Texts& banned) {
  for (const std::string& one : banned) {
    if (in_small_letters(text).find(in_small_letters(one)) != std::string::npos) return one;
  }
  return "none";
}

Ids prompt_of(std::uint64_t seed) {
  Ids ids(1 + seed % 9);
  for (std::size_t index = 0; index < ids.size(); ++index) {
    ids[index] = static_cast<ef::TokenId>((seed + 5 * index) % 12);
  }
  return ids;
}

/// Options that have nothing in common but that they write little.
ef::GenerateOptions varied(std::uint64_t seed) {
  ef::GenerateOptions options{.max_new_tokens = 14 + seed % 12, .seed = seed};
  options.banned_strings = k_bans[seed % k_bans.size()];
  options.log_probabilities = 2;
  if (seed % 2 == 1) options.repetition_penalty = 1.2;
  if (seed % 3 == 1) options.min_new_tokens = 10;
  if (seed % 4 == 1) options.dry = {.multiplier = 0.5};
  if (seed % 5 == 1) options.frequency_penalty = 0.3;
  if (seed % 6 == 1) options.ignore_end_tokens = true;
  return options;
}

TEST(BannedStrings, GreedyIsWhatAHostsProcessorWouldMakeFromTheStart) {
  std::size_t attempts = 0;
  for (const TinyModel& tiny : letters_models()) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      SCOPED_TRACE(seed);
      ef::GenerateOptions options = varied(seed);
      if (seed % 7 == 1) options.guidance_scale = 1.5;
      const Ids prompt = prompt_of(seed);
      Bans bans;
      const ef::GeneratedSequence expected = greedy_reference(tiny.model, prompt, options, bans);
      const std::vector<ef::GeneratedSequence> found = ef::generate(tiny.model, prompt, options);
      expect_same(found, {expected});
      EXPECT_EQ(found[0].log_probabilities, expected.log_probabilities);
      EXPECT_EQ(found[0].alternatives.size(), expected.alternatives.size());
      EXPECT_EQ(found_in(found[0].text, options.banned_strings), "none");
      attempts += bans.size();
      EXPECT_GE(found[0].taken_back_tokens, bans.size());
    }
  }
  EXPECT_GT(attempts, 100U);
}

TEST(BannedStrings, DrawnIsWhatTheSamplerWouldMakeFromTheStart) {
  std::size_t taken_back = 0;
  for (const TinyModel& tiny : letters_models()) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      SCOPED_TRACE(seed);
      ef::GenerateOptions options = varied(seed);
      options.temperature = seed % 2 == 0 ? 1 : 1.5;
      if (seed % 5 == 2) options.mirostat = ef::MirostatOptions{.surprise = 2, .learning_rate = 0.5};
      if (seed % 7 == 2) options.xtc = {.probability = 0.5, .threshold = 0.05};
      if (seed % 3 == 2) options.top_p = 0.8;
      if (seed % 4 == 3) options.stop = {"abc", "cc"};
      options.num_return_sequences = 1 + seed % 3;
      const Ids prompt = prompt_of(seed);
      eigenformer_tests::SlowWriter writer(tiny.model, prompt, options);
      const std::vector<ef::GeneratedSequence> found = ef::generate(tiny.model, prompt, options);
      for (std::uint32_t index = 0; index < found.size(); ++index) {
        const eigenformer_tests::DrawnReference expected = writer.write(index);
        EXPECT_EQ(found[index].ids, expected.ids);
        EXPECT_EQ(found[index].score, expected.score);
        EXPECT_EQ(found[index].log_probabilities, expected.log_probabilities);
        EXPECT_EQ(found[index].taken_back_tokens, expected.taken_back);
        EXPECT_EQ(found_in(found[index].text, options.banned_strings), "none");
        taken_back += expected.taken_back;
      }
    }
  }
  EXPECT_GT(taken_back, 300U);
}

/// a is half of the distribution, b three tenths, c two: without a, b is six tenths. (With the number that had drawn a,
/// it would be eight.)
TEST(BannedStrings, ANewNumberIsDrawnForEachAttempt) {
  const ef::Tokenizer tokenizer = make_byte_level_letters();
  const TinyModel tiny = letters_model(tokenizer);
  class Odds : public ef::LogitsProcessor {
   public:
    void process(const ef::ProcessedText& /*text*/, std::span<float> scores) const override {
      std::ranges::fill(scores, -std::numeric_limits<float>::infinity());
      const std::array<float, 3> odds = {0.5F, 0.3F, 0.2F};
      for (std::size_t index = 0; index < odds.size(); ++index) scores[index] = std::log(odds[index]);
    }
  };
  ef::GenerateOptions options{.max_new_tokens = 1, .temperature = 1};
  options.banned_strings = {"a"};
  options.processors = {std::make_shared<Odds>()};
  std::size_t found = 0;
  for (options.seed = 0; options.seed < 4000; ++options.seed) {
    found += ef::generate(tiny.model, Ids{3}, options).at(0).text == "b" ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(found) / 4000, 0.6, 0.03);
  const ef::generation::ExcludeTopChoices exclude({.probability = 0.5, .threshold = 0.1}, 0);
  std::size_t excluded = 0;
  for (std::uint32_t attempt = 0; attempt < 1000; ++attempt) {
    std::vector<float> scores = {2, 1, 0};
    exclude.process({.ids = {}, .attempt = attempt}, scores);
    excluded += scores[0] < 0 ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(excluded) / 1000, 0.5, 0.05);
}

TEST(BannedStrings, DraftedTokensChangeNothing) {
  const ef::Tokenizer tokenizer = make_byte_level_letters();
  const TinyModel tiny = letters_model(tokenizer);
  std::size_t accepted = 0;
  std::size_t taken_back = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    ef::GenerateOptions options = varied(seed);
    options.max_new_tokens = 40;
    options.ignore_end_tokens = true;
    if (seed % 2 == 1) options.temperature = 0.8;
    const std::vector<ef::GeneratedSequence> plain = ef::generate(tiny.model, prompt_of(seed), options);
    ef::GenerateOptions lookup = options;
    lookup.prompt_lookup_num_tokens = 5;
    ef::GenerateOptions assisted = options;
    assisted.assistant = tiny.model;
    assisted.num_assistant_tokens = 4;
    assisted.assistant_confidence_threshold = 0;
    for (const ef::GenerateOptions& drafting : {lookup, assisted}) {
      const std::vector<ef::GeneratedSequence> found = ef::generate(tiny.model, prompt_of(seed), drafting);
      expect_same(found, plain);
      EXPECT_EQ(found[0].log_probabilities, plain[0].log_probabilities);
      EXPECT_EQ(found[0].taken_back_tokens, plain[0].taken_back_tokens);
      EXPECT_LE(found[0].accepted_tokens, found[0].ids.size());
      accepted += found[0].accepted_tokens;
      taken_back += found[0].taken_back_tokens;
    }
  }
  EXPECT_GT(accepted, 500U);
  EXPECT_GT(taken_back, 100U);
}

/// Pulled piece by piece, in a scheduler and by generate() the same; what has been handed out is never taken back.
TEST(BannedStrings, AReplyHandsOutWhatStays) {
  for (const TinyModel& tiny : letters_models()) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      SCOPED_TRACE(seed);
      ef::GenerateOptions options = varied(seed);
      options.temperature = 1;
      options.log_probabilities.reset();
      if (seed % 4 == 3) options.stop = {"abc", "cc"};
      const std::string prompt = "cab";
      const auto expected = ef::generate(tiny.model, tiny.model.tokenizer().encode(prompt), options).at(0);
      ef::Reply reply = ef::begin(tiny.model, prompt, options);
      std::string text;
      Ids ids;
      while (const std::optional<std::string> piece = reply.next()) {
        EXPECT_FALSE(piece->empty());
        text += *piece;
        EXPECT_TRUE(expected.text.starts_with(text));
        ASSERT_LE(ids.size(), reply.ids().size());
        EXPECT_TRUE(std::ranges::equal(ids, reply.ids().first(ids.size())));
        ids.assign(reply.ids().begin(), reply.ids().end());
      }
      EXPECT_EQ(text, expected.text);
      EXPECT_EQ(reply.text(), expected.text);
      EXPECT_THAT(reply.ids(), testing::ElementsAreArray(expected.ids));
      EXPECT_EQ(reply.finish_reason(), expected.finish_reason);
      EXPECT_EQ(reply.statistics().new_tokens, expected.ids.size());
      EXPECT_EQ(reply.statistics().taken_back_tokens, expected.taken_back_tokens);
      ef::Scheduler scheduler(tiny.model);
      std::string heard;
      const ef::Request request =
          scheduler.submit(prompt, options, [&](const ef::TextPiece& piece) { heard += piece.text; });
      scheduler.submit("b", varied(seed + 1));
      scheduler.run();
      expect_same(request.result().value(), {expected});
      EXPECT_EQ(heard, expected.text);
    }
  }
}

/// Of tokens of one letter, exactly the longest end of the text that a banned one begins with.
TEST(BannedStrings, HoldBackWhatMayBecomeOne) {
  namespace generation = ef::generation;
  const ef::Tokenizer tokenizer = make_byte_level_letters();
  const Texts banned = {"abcab", "bcc"};
  const auto strings = std::make_shared<const generation::BannedStrings>(ef::GenerateOptions{.banned_strings = banned});
  std::size_t most_held = 0;
  for (std::uint32_t text = 0; text < 6561; ++text) {  // all texts of 8 letters
    generation::HeldTokens held(strings);
    generation::TextWriter writer(tokenizer, {});
    std::string said, released;
    std::uint32_t rest = text;
    for (std::size_t index = 0; index < 8; ++index, rest /= 3) {
      const generation::Checkpoint before{{.tokens = index}, writer, 0};
      generation::Written written{.text = writer.push(static_cast<ef::TokenId>(rest % 3))};
      written.decoded = writer.decoded();
      const auto back = held.push(before, written);
      said += written.text;
      const std::size_t expected = said.find("abcab") != std::string::npos ? said.find("abcab") : said.find("bcc");
      ASSERT_EQ(back.has_value(), expected != std::string::npos) << said;
      if (back) {
        EXPECT_EQ(back->past.tokens, expected);
        break;
      }
      released += held.release();
      std::size_t may_begin = 0;
      for (const std::string& one : banned) {
        for (std::size_t size = 1; size < one.size(); ++size) {
          if (said.ends_with(one.substr(0, size))) may_begin = std::max(may_begin, size);
        }
      }
      EXPECT_EQ(released, said.substr(0, said.size() - may_begin));
      EXPECT_EQ(held.size(), may_begin);
      most_held = std::max(most_held, may_begin);
    }
  }
  EXPECT_EQ(most_held, 4U);
}

/// Of longer tokens, the one in which a banned text may begin is held as a whole: it may have to go.
TEST(BannedStrings, HoldBackLessThanTheLongestAndOneToken) {
  namespace generation = ef::generation;
  constexpr std::size_t k_longest = 6;
  constexpr std::size_t k_longest_token = 3;
  const ef::GenerateOptions options{.banned_strings = {"abcabc", "cacaca", "bé", "éc"}};
  for (const ef::Tokenizer& tokenizer : {make_byte_level_letters(), make_byte_fallback_letters()}) {
    const bool has_runs = tokenizer.token_id("<0xC3>").has_value();  // which are told as a whole
    std::size_t most_bytes = 0;
    for (std::uint32_t text = 0; text < 3000; ++text) {
      generation::HeldTokens held(std::make_shared<const generation::BannedStrings>(options));
      generation::TextWriter writer(tokenizer, {});
      eigenformer_tests::BannedReader reader(options, tokenizer);
      Ids ids;
      std::size_t said = 0;
      std::size_t released = 0;
      for (std::uint32_t place = 0; place < 20; ++place) {
        const double number = ef::uniform({.seed = text, .position = place});
        ids.push_back(static_cast<ef::TokenId>(number * static_cast<double>(tokenizer.vocabulary_size())));
        const generation::Checkpoint before{{.tokens = place}, writer, 0};
        generation::Written written{.text = writer.push(ids.back())};
        written.decoded = writer.decoded();
        written.undecoded = writer.undecoded();
        const auto back = held.push(before, written);
        const std::optional<std::size_t> expected = reader.place_to_ban(ids, false);
        ASSERT_EQ(back.has_value(), expected.has_value());
        if (back) {
          EXPECT_EQ(back->past.tokens, expected);
          break;
        }
        said += written.text.size();
        released += held.release().size();
        EXPECT_EQ(held.size(), ids.size() - reader.handed_out());
        most_bytes = std::max(most_bytes, said - released);
      }
    }
    EXPECT_GE(most_bytes, k_longest - 1);
    if (has_runs) continue;
    constexpr std::size_t k_replacement = 3;  // for a character that a token before has begun
    EXPECT_LE(most_bytes, k_longest - 1 + k_longest_token - 1 + k_replacement);
  }
}

TEST(BannedStrings, CountInAnyCaseUnlessToldOtherwise) {
  const ef::Tokenizer tokenizer = make_byte_level_letters();
  const TinyModel tiny = letters_model(tokenizer);
  std::size_t capitals = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    ef::GenerateOptions options{.max_new_tokens = 30, .temperature = 1.5, .seed = seed, .ignore_end_tokens = true};
    options.banned_strings = {"aB", "BC", "É"};
    const std::string text = ef::generate(tiny.model, Ids{3}, options).at(0).text;
    EXPECT_EQ(found_in(text, {"ab", "bc"}), "none") << text;
    EXPECT_EQ(text.find("é"), std::string::npos) << text;
    options.banned_strings_case = ef::CaseSensitivity::sensitive;
    const std::string exact = ef::generate(tiny.model, Ids{3}, options).at(0).text;
    EXPECT_EQ(exact.find("BC"), std::string::npos) << exact;
    capitals += exact.find("bc") != std::string::npos && exact.find("é") != std::string::npos ? 1 : 0;
  }
  EXPECT_GT(capitals, 5U);
}

/// A model that writes what it is told to: by a processor that wants one token at each place, most of all.
class Script : public ef::LogitsProcessor {
 public:
  Script(const ef::Tokenizer& tokenizer, const Texts& tokens, Texts others = {}) {
    for (const std::string& token : tokens) tokens_.push_back(*tokenizer.token_id(token));
    for (const std::string& token : others) others_.push_back(*tokenizer.token_id(token));
  }
  /// Any of the others may come, the first of them rather than the second, and so on; without others: all may.
  void process(const ef::ProcessedText& text, std::span<float> scores) const override {
    const std::size_t place = text.ids.size() - text.prompt_tokens;
    if (!others_.empty()) std::ranges::fill(scores, -std::numeric_limits<float>::infinity());
    for (std::size_t index = 0; index < others_.size(); ++index) {
      scores[static_cast<std::size_t>(others_[index])] = -static_cast<float>(index);
    }
    if (place < tokens_.size()) scores[static_cast<std::size_t>(tokens_[place])] = 100;
  }

 private:
  Ids tokens_, others_;
};

struct Scripted {
  Texts tokens;
  Texts others;  ///< that may come besides
  ef::GenerateOptions options;
};

ef::GeneratedSequence written(const TinyModel& tiny, const Scripted& script, const Ids& prompt = {3}) {
  ef::GenerateOptions options = script.options;
  if (!options.max_new_tokens) options.max_new_tokens = script.tokens.size();
  options.processors = {std::make_shared<Script>(tiny.model.tokenizer(), script.tokens, script.others)};
  return ef::generate(tiny.model, prompt, options).at(0);
}

ef::GenerateOptions banning(Texts banned, Texts stop = {}) {
  ef::GenerateOptions options;
  options.stop = std::move(stop);
  options.banned_strings = std::move(banned);
  return options;
}

TEST(BannedStrings, TheFirstTokenWithAPartInOneGoes) {
  const TinyModel tiny = letters_model(make_byte_level_letters());
  // The c of "ca" begins it; what comes instead is the first of the others.
  EXPECT_EQ(written(tiny, {{"b", "ca", "b", "c"}, {"Ġ"}, banning({"abc"})}).text, "b bc");
  EXPECT_EQ(written(tiny, {{"b", "ca", "b", "c"}, {"Ġ"}, banning({"cabc"})}).text, "b bc");
  EXPECT_EQ(written(tiny, {{"b", "c", "a", "b"}, {"Ġ"}, banning({"bcab"})}).text, " cab");
  // é begins in the token that has its first byte, and a letter before that.
  EXPECT_EQ(written(tiny, {{"b", "aÃ", "©", "c"}, {"Ġ"}, banning({"é"})}).text,
            "b \xEF\xBF\xBD"
            "c");
  EXPECT_EQ(written(tiny, {{"b", "Ã", "©", "c"}, {"Ġ"}, banning({"é"})}).text,
            "b \xEF\xBF\xBD"
            "c");
  EXPECT_EQ(written(tiny, {{"b", "Ã", "©b", "c"}, {"Ġ"}, banning({"b"})}).text, " \xEF\xBF\xBD c");
  const TinyModel fallback = letters_model(make_byte_fallback_letters());
  EXPECT_EQ(written(fallback, {{"b", "<0xC3>", "<0xA9>", "c"}, {"a"}, banning({"é"})}).text,
            "ba\xEF\xBF\xBD"
            "c");
  EXPECT_EQ(written(fallback, {{"<0x61>", "<0xC3>", "<0xA9>", "c"}, {"a"}, banning({"éc"})}).text,
            "\x61"
            "a\xEF\xBF\xBD"
            "c");
}

TEST(BannedStrings, ATextDoesNotBeginInThePrompt) {
  const TinyModel tiny = letters_model(make_byte_level_letters());
  const ef::Tokenizer& tokenizer = tiny.model.tokenizer();
  EXPECT_EQ(written(tiny, {{"c", "b"}, {"Ġ"}, banning({"abc"})}, {*tokenizer.token_id("ab")}).text, "cb");
}

TEST(BannedStrings, AStopStringAndABannedTextGoByWhichIsCompleteFirst) {
  const TinyModel tiny = letters_model(make_byte_level_letters());
  const Texts tokens = {"A", "a", "b", "c", "a"};
  const auto written_by = [&](const Texts& banned, const Texts& stop) {
    return written(tiny, {tokens, {"Ġ"}, banning(banned, stop)});
  };
  const ef::GeneratedSequence inside = written_by({"abca"}, {"bc"});  // the stop string is complete first
  EXPECT_EQ(inside.text, "Aa");
  EXPECT_EQ(inside.finish_reason, ef::FinishReason::stop_string);
  EXPECT_EQ(inside.taken_back_tokens, 0U);
  EXPECT_EQ(inside.ids.size(), 4U);
  EXPECT_EQ(written_by({"bc"}, {"abca"}).text, "Aa ca");  // the banned text is
  EXPECT_EQ(written_by({"abc"}, {"bc"}).text, "A ");      // both at once: it goes, then "bc" ends it
  EXPECT_EQ(written_by({"bc"}, {"abc"}).finish_reason, ef::FinishReason::length);
  // In one token the same: what stands behind a stop string does not count.
  const ef::GeneratedSequence one_token = written(tiny, {{"A", "abc"}, {"Ġ"}, banning({"bc"}, {"ab"})});
  EXPECT_EQ(one_token.text, "A");
  EXPECT_EQ(one_token.finish_reason, ef::FinishReason::stop_string);
}

TEST(BannedStrings, WhatIsHeldBackComesAtTheEnd) {
  const TinyModel tiny = letters_model(make_byte_level_letters());
  const ef::GeneratedSequence ended = written(tiny, {{"c", "a", "b", "<|end|>"}, {}, banning({"abc"})});
  EXPECT_EQ(ended.text, "cab");
  EXPECT_EQ(ended.finish_reason, ef::FinishReason::end_token);
  EXPECT_EQ(ended.ids.size(), 4U);
  EXPECT_EQ(written(tiny, {{"c", "a", "b"}, {}, banning({"abc"})}).text, "cab");  // by the length
  // What the end itself makes of the text counts: a character that was begun.
  EXPECT_EQ(written(tiny, {{"c", "a", "Ã"}, {"Ġ"}, banning({"a\xEF\xBF\xBD"})}).text, "c \xEF\xBF\xBD");
}

TEST(BannedStrings, CancellingTellsWhatWasHeldBack) {
  const TinyModel tiny = letters_model(make_byte_level_letters());
  ef::GenerateOptions options = banning({"abcabc", "a\xEF\xBF\xBD"});
  options.processors = {std::make_shared<Script>(tiny.model.tokenizer(), Texts{"c", "a", "b", "c", "a", "Ã"})};
  ef::Scheduler scheduler(tiny.model);
  const ef::Request request = scheduler.submit("b", options);
  for (int step = 0; step < 4; ++step) scheduler.step();
  EXPECT_EQ(request.text(), "c");
  request.cancel();
  scheduler.run();
  EXPECT_EQ(request.text(), "cabc");
  EXPECT_EQ(request.result().value()[0].ids.size(), 4U);
  // A text that would be complete by the end is not told.
  const ef::Request other = scheduler.submit("b", options);
  for (int step = 0; step < 6; ++step) scheduler.step();
  other.cancel();
  scheduler.run();
  EXPECT_EQ(other.text(), "cabca");
  // A reply that is stopped has said what it has said.
  ef::Reply reply = ef::begin(tiny.model, "b", options);
  EXPECT_EQ(reply.next(), "c");
  reply.stop();
  EXPECT_EQ(reply.text(), "c");
  EXPECT_EQ(reply.ids().size(), 1U);
}

TEST(BannedStrings, GoFurtherBackWhereNothingIsLeft) {
  const TinyModel tiny = letters_model(make_byte_level_letters());
  // Behind "a" only a and b may come, and both are banned there: "a" goes, too.
  ef::GenerateOptions three = banning({"aa", "ab"});
  three.max_new_tokens = 3;
  const ef::GeneratedSequence back = written(tiny, {{"c", "a"}, {"b", "a"}, three});
  EXPECT_EQ(back.text, "cbb");
  EXPECT_EQ(back.finish_reason, ef::FinishReason::length);
  // Nothing but "a" may come, and it is banned: there is nothing to go back to.
  ef::GenerateOptions options = banning({"aaa"});
  options.max_new_tokens = 10;
  const ef::GeneratedSequence none = written(tiny, {{}, {"a"}, options});
  EXPECT_EQ(none.text, "");
  EXPECT_EQ(none.finish_reason, ef::FinishReason::banned);
  EXPECT_EQ(none.ids.size(), 0U);
  EXPECT_EQ(ef::finish_reason_name(none.finish_reason), "banned");
  // What was said before stands.
  const ef::GeneratedSequence some = written(tiny, {{"c", "b"}, {"a"}, options});
  EXPECT_EQ(some.text, "cb");
  EXPECT_EQ(some.finish_reason, ef::FinishReason::banned);
  ef::GenerateOptions reply_options = options;
  reply_options.processors = {std::make_shared<Script>(tiny.model.tokenizer(), Texts{"c", "b"}, Texts{"a"})};
  ef::Reply reply = ef::begin(tiny.model, "b", reply_options);
  std::string text;
  while (const std::optional<std::string> piece = reply.next()) text += *piece;
  EXPECT_EQ(text, "cb");
  EXPECT_EQ(reply.finish_reason(), ef::FinishReason::banned);
}

/// So many tokens of an x and a number, x and 0 alone, y, and an end token.
ef::Tokenizer make_many_words(std::size_t count) {
  ef::tokenize::GgufVocabulary vocabulary;
  vocabulary.model = "gpt2";
  vocabulary.pre = "gpt-2";
  vocabulary.where = "many words";
  for (std::size_t index = 0; index < count; ++index) vocabulary.tokens.push_back("x" + std::to_string(index));
  for (const char* token : {"x", "0", "y", "<|end|>"}) vocabulary.tokens.push_back(token);
  vocabulary.merges = {"x 0"};
  vocabulary.token_types.assign(vocabulary.tokens.size(), 1);
  vocabulary.eos = static_cast<ef::TokenId>(vocabulary.tokens.size() - 1);
  return ef::tokenize::load_tokenizer_gguf(vocabulary);
}

TEST(BannedStrings, EndAfterManyAttempts) {
  for (const std::size_t count : {ef::generation::k_most_attempts, ef::generation::k_most_attempts + 1}) {
    const TinyModel tiny = letters_model(make_many_words(count));
    Texts words;
    for (std::size_t index = 0; index < count; ++index) words.push_back("x" + std::to_string(index));
    words.push_back("y");
    ef::GenerateOptions options = banning({"X"});
    options.max_new_tokens = 3;
    const ef::GeneratedSequence result = written(tiny, {{"y"}, words, options});
    if (count == ef::generation::k_most_attempts) {  // for each token that stays
      EXPECT_EQ(result.text, "yyy");
      EXPECT_EQ(result.taken_back_tokens, 2 * count);
      continue;
    }
    EXPECT_EQ(result.text, "y");
    EXPECT_EQ(result.finish_reason, ef::FinishReason::banned);
    EXPECT_EQ(result.taken_back_tokens, count);
    EXPECT_EQ(result.ids.size(), 1U);
  }
}

TEST(BannedStrings, ComputeNothingAnewWhereOneTokenSpellsOne) {
  const TinyModel tiny = letters_model(make_byte_level_letters());
  tiny.control->rows = 0;
  EXPECT_EQ(written(tiny, {{"c", "abc", "c"}, {"Ġ"}, banning({"abc"})}).text, "c c");
  EXPECT_EQ(tiny.control->rows, 1U + 2U);
  tiny.control->rows = 0;
  // "a" and "b" have been computed when "c" completes it; "c", the last that stays, is computed once more.
  const ef::GeneratedSequence result = written(tiny, {{"c", "a", "b", "c"}, {"Ġ"}, banning({"abc"})});
  EXPECT_EQ(result.text, "c bc");
  EXPECT_EQ(result.taken_back_tokens, 3U);
  EXPECT_EQ(tiny.control->rows, 1U + 3U + 1U + 2U);
}

TEST(BannedStrings, AChatRemembersWhatStays) {
  const ef::Tokenizer tokenizer = eigenformer_tests::make_tiny_tokenizer();
  const TinyModel tiny = make_tiny_model({.vocabulary_size = tokenizer.vocabulary_size(),
                                          .context_length = 512,
                                          .end_tokens = {*tokenizer.end_of_sequence()},
                                          .tokenizer = tokenizer,
                                          .chat_template = eigenformer_tests::k_tiny_template,
                                          .scale = 1});
  ef::GenerateOptions options{.max_new_tokens = 40, .temperature = 1, .seed = 5};
  ef::Chat free(tiny.model, {.generation = options});
  const std::string said = free.ask("hello");
  for (std::size_t begin = 0; begin + 3 < said.size(); ++begin) {
    if ((static_cast<unsigned char>(said[begin]) & 0xC0U) == 0x80U) continue;  // inside a character
    std::size_t end = begin + 3;
    while (end < said.size() && (static_cast<unsigned char>(said[end]) & 0xC0U) == 0x80U) ++end;
    options.banned_strings = {said.substr(begin, end - begin)};
    options.banned_strings_case = ef::CaseSensitivity::sensitive;
    ef::Chat chat(tiny.model, {.generation = options});
    ef::Reply reply = chat.begin("hello");
    std::string text;
    while (const std::optional<std::string> piece = reply.next()) text += *piece;
    EXPECT_NE(text, said);
    EXPECT_TRUE(text.starts_with(said.substr(0, begin > 8 ? begin - 8 : 0)));
    EXPECT_EQ(found_in(text, options.banned_strings), "none");
    EXPECT_EQ(chat.messages().back(), (ef::Message{"assistant", text}));
    ef::Chat fresh(tiny.model, {.history = chat.messages(), .generation = options});
    EXPECT_EQ(chat.ask("the user"), fresh.ask("the user"));
  }
}

TEST(BannedStrings, RefuseWhatTheyDoNotGoWith) {
  const TinyModel tiny = letters_model(make_byte_level_letters());
  const auto refusal = [&](const ef::GenerateOptions& options) {
    return error_of([&] { ef::generate(tiny.model, Ids{1}, options); });
  };
  ef::GenerateOptions options = banning({"a"});
  options.num_beams = 3;
  EXPECT_EQ(
      refusal(options),
      "usage.ban_beams: banned_strings: expected one beam where texts are banned, found num_beams 3; leave one of "
      "the two out; translate() and summarize() take num_beams 1");
  EXPECT_EQ(
      refusal(banning({""})),
      "usage.option_range: banned_strings: expected texts of 1 to 1024 bytes, found one of 0; pass a value in that "
      "range");
  EXPECT_EQ(refusal(banning({std::string(1025, 'x')})),
            "usage.option_range: banned_strings: expected texts of 1 to 1024 bytes, found one of 1025; pass a value in "
            "that range");
  EXPECT_EQ(refusal(banning(Texts(1025, "x"))),
            "usage.option_range: banned_strings: expected at most 1024 texts, found 1025; pass a value in that range");
  EXPECT_EQ(refusal(banning({"\xA9"})),
            "usage.option_range: banned_strings: expected UTF-8 text, found one that begins inside a character; pass a "
            "value in that range");
  const TinyModel speechless = make_tiny_model();
  EXPECT_EQ(ef::try_generate(speechless.model, Ids{1}, banning({"a"})).error().id, "tokenizer.missing");
  const std::filesystem::path golden = std::filesystem::path(EIGENFORMER_SOURCE_DIR) / "tests/golden";
  const ef::Model two_streams = ef::load(golden / "xlnet/hub");
  EXPECT_EQ(error_of([&] {
              ef::generate(two_streams, Ids{5, 6}, banning({"a"}));
            }),
            "usage.ban_two_streams: banned_strings: expected a model that can go back by a token, found the two-stream "
            "model xlnet, which cannot; leave the option out; bad_words bans tokens");
}

/// A copy of a folder with a tokenizer whose tokens are texts of a, b and c, the first three the letters.
class SpeakingCopy {
 public:
  explicit SpeakingCopy(const GoldenCase& golden)
      : path_(std::filesystem::path(EIGENFORMER_BINARY_DIR) / "banned_strings_test" / golden.name) {
    const std::size_t size = ef::load(golden.model).info().vocabulary_size;
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
    eigenformer_tests::copy_into(golden.folder, path_);
    nlohmann::json vocabulary;
    Texts tokens = {""};
    for (std::size_t index = 0; vocabulary.size() < size; ++index) {
      for (const char letter : {'a', 'b', 'c'}) {
        tokens.push_back(tokens[index] + letter);
        if (vocabulary.size() < size) vocabulary[tokens.back()] = vocabulary.size();
      }
    }
    const nlohmann::json tokenizer = {{"version", "1.0"},
                                      {"added_tokens", nlohmann::json::array()},
                                      {"normalizer", nullptr},
                                      {"pre_tokenizer", nullptr},
                                      {"decoder", {{"type", "Fuse"}}},
                                      {"model", {{"type", "WordLevel"}, {"vocab", vocabulary}, {"unk_token", "a"}}}};
    std::ofstream(path_ / "tokenizer.json") << tokenizer.dump();
  }
  ~SpeakingCopy() { std::filesystem::remove_all(path_); }
  SpeakingCopy(const SpeakingCopy&) = delete;
  SpeakingCopy& operator=(const SpeakingCopy&) = delete;
  ef::Model load() const { return ef::load(path_, {.threads = 2}); }

 private:
  std::filesystem::path path_;
};

class GoldenBannedStrings : public testing::TestWithParam<GoldenCase> {};

TEST_P(GoldenBannedStrings, AreWhatAHostsProcessorWouldMakeFromTheStart) {
  const SpeakingCopy copy(GetParam());
  const ef::Model model = copy.load();
  const Ids prompt = GetParam().is_generative ? GetParam().greedy().at(0).prompt : GetParam().input_ids();
  std::size_t taken_back = 0;
  for (const Texts& banned : {Texts{"abc", "ca"}, Texts{"cabba", "bbcbc", "aacab", "ccb"}, Texts{"bcbcbcb", "aa"}}) {
    ef::GenerateOptions options{.max_new_tokens = 24, .repetition_penalty = 1.5, .ignore_end_tokens = true};
    options.banned_strings = banned;
    Bans bans;
    const ef::GeneratedSequence expected = greedy_reference(model, prompt, options, bans);
    const std::vector<ef::GeneratedSequence> found = ef::generate(model, prompt, options);
    expect_same(found, {expected});
    options.prompt_lookup_num_tokens = 4;
    options.max_matching_ngram_size = 1;
    expect_same(ef::generate(model, prompt, options), {expected});
    taken_back += found[0].taken_back_tokens;
  }
  EXPECT_GT(taken_back, 0U);
}

/// Models that write, but for those with a tokenizer of their own and those of two streams.
std::vector<GoldenCase> cases_without_words() {
  std::vector<GoldenCase> cases = eigenformer_tests::writing_cases();
  std::erase_if(cases, [](const GoldenCase& golden) {
    return golden.model != golden.folder || ef::load(golden.model).state().network->info().segments;
  });
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenBannedStrings, testing::ValuesIn(cases_without_words()),
                         [](const auto& golden) { return golden.param.name; });

}  // namespace banned_strings_test
