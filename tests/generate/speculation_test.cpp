// Drafted tokens change the time and nothing else.
#include <gmock/gmock.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eigenformer/chat.hpp"
#include "eigenformer/generate.hpp"
#include "eigenformer/generate/prompt_lookup.hpp"
#include "tests/generate/generated.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/tiny_model.hpp"
#include "tests/support/tiny_tokenizer.hpp"

namespace speculation_test {

namespace ef = eigenformer;
using eigenformer_tests::error_of;
using eigenformer_tests::expect_same;
using eigenformer_tests::GoldenCase;
using eigenformer_tests::make_tiny_model;
using eigenformer_tests::TinyModel;
using Ids = std::vector<ef::TokenId>;

/// Few tokens, so that what was said comes again.
TinyModel repeating_model(float scale = 1) {
  return make_tiny_model({.vocabulary_size = 12, .context_length = 200, .scale = scale});
}

const Ids k_prompt = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4, 6, 2, 6, 4, 3, 3, 8, 3, 2, 7, 9, 5};

struct Counts {
  std::size_t drafted = 0, accepted = 0;
};

/// Compares with plain decoding for many seeds, greedy and drawn, one and several sequences.
Counts compare_with_plain(const ef::Model& model, const ef::GenerateOptions& drafting) {
  Counts counts;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    ef::GenerateOptions plain{.max_new_tokens = 10 + static_cast<std::size_t>(seed), .seed = seed};
    if (seed % 3 != 0) plain.temperature = seed % 3 == 1 ? 0.5 : 1;
    if (seed % 3 == 2) plain.num_return_sequences = 3;
    if (seed % 5 == 1) plain.repetition_penalty = 1.1;
    if (seed % 7 == 1) plain.forced_last_tokens = {1};
    ef::GenerateOptions options = plain;
    options.assistant = drafting.assistant;
    options.num_assistant_tokens = drafting.num_assistant_tokens;
    options.assistant_confidence_threshold = drafting.assistant_confidence_threshold;
    options.prompt_lookup_num_tokens = drafting.prompt_lookup_num_tokens;
    options.max_matching_ngram_size = drafting.max_matching_ngram_size;
    const Ids prompt(k_prompt.begin(), k_prompt.begin() + 1 + static_cast<std::ptrdiff_t>(seed));
    const auto found = ef::generate(model, prompt, options);
    expect_same(found, ef::generate(model, prompt, plain));
    for (const ef::GeneratedSequence& sequence : found) {
      counts.drafted += sequence.drafted_tokens;
      counts.accepted += sequence.accepted_tokens;
    }
  }
  return counts;
}

TEST(PromptLookup, FindsWhatTransformersFinds) {
  const std::string file = std::string(EIGENFORMER_SOURCE_DIR) + "/tests/generate/prompt_lookup.json";
  const nlohmann::json cases = nlohmann::json::parse(std::ifstream(file));
  EXPECT_GE(cases.size(), 200U);
  std::size_t found = 0;
  for (const nlohmann::json& recorded : cases) {
    const Ids ids = recorded.at("ids");
    const std::span<const ef::TokenId> drafted = ef::generation::look_up(
        ids, {.tokens = recorded.at("tokens"), .max_matching_ngram = recorded.at("max_matching_ngram")});
    EXPECT_EQ(Ids(drafted.begin(), drafted.end()), recorded.at("drafted").get<Ids>()) << recorded;
    found += drafted.empty() ? 0 : 1;
  }
  EXPECT_GT(found, 100U);
}

TEST(PromptLookup, GivesTheTokensOfPlainDecoding) {
  const TinyModel tiny = repeating_model();
  for (const std::size_t tokens : {1U, 3U, 10U, 1024U}) {
    for (const std::size_t ngram : {1U, 2U, 5U}) {
      const Counts counts =
          compare_with_plain(tiny.model, {.prompt_lookup_num_tokens = tokens, .max_matching_ngram_size = ngram});
      EXPECT_GT(counts.accepted, 20U);
      EXPECT_GT(counts.drafted, counts.accepted);  // some were wrong
    }
  }
}

TEST(Assistant, GivesTheTokensOfPlainDecoding) {
  const TinyModel tiny = repeating_model();
  const TinyModel other = repeating_model(0.7F);  // less sure of the same tokens
  const TinyModel stranger =
      make_tiny_model({.vocabulary_size = 12, .context_length = 40, .frequency_border = 0, .scale = 1});
  for (const std::size_t tokens : {1U, 4U, 20U}) {
    for (const double threshold : {0.0, 0.4}) {
      const ef::GenerateOptions options{.num_assistant_tokens = tokens, .assistant_confidence_threshold = threshold};
      for (const ef::Model& assistant : {other.model, stranger.model}) {
        ef::GenerateOptions with = options;
        with.assistant = assistant;
        const Counts counts = compare_with_plain(tiny.model, with);
        EXPECT_GT(counts.accepted, 20U);
        EXPECT_GT(counts.drafted, counts.accepted);
      }
    }
  }
}

/// It draws the same numbers for the same places, so a copy of the model drafts nothing that is wrong.
TEST(Assistant, IsAlwaysRightWhereItIsTheModelItself) {
  const TinyModel tiny = repeating_model();
  for (const double temperature : {0.0, 1.0}) {
    const ef::GenerateOptions options{.max_new_tokens = 31,
                                      .temperature = temperature,
                                      .assistant = tiny.model,
                                      .num_assistant_tokens = 5,
                                      .assistant_confidence_threshold = 0};
    const auto result = ef::generate(tiny.model, k_prompt, options).at(0);
    EXPECT_EQ(result.ids.size(), 31U);
    EXPECT_EQ(result.drafted_tokens, 2U + 4U + 5U + 5U + 5U + 3U);  // each step has a token of its own besides
    EXPECT_EQ(result.accepted_tokens, result.drafted_tokens);
  }
}

TEST(Assistant, StopsDraftingWhereItIsUnsure) {
  const TinyModel tiny = repeating_model(0.1F);  // near enough even odds
  ef::GenerateOptions options{.max_new_tokens = 21, .assistant = tiny.model, .assistant_confidence_threshold = 0.9};
  EXPECT_EQ(ef::generate(tiny.model, k_prompt, options).at(0).drafted_tokens, 10U);  // one for each step
}

TEST(Speculation, DraftsLittleWhereItIsSeldomRight) {
  const TinyModel tiny = make_tiny_model({.vocabulary_size = 12, .context_length = 300});
  const TinyModel stranger =
      make_tiny_model({.vocabulary_size = 12, .context_length = 300, .frequency_border = 0, .scale = -3});
  const ef::GenerateOptions options{.max_new_tokens = 200,
                                    .temperature = 0.5,
                                    .assistant = stranger.model,
                                    .num_assistant_tokens = 20,
                                    .assistant_confidence_threshold = 0};
  const auto result = ef::generate(tiny.model, k_prompt, options).at(0);
  const std::size_t steps = 199 - result.accepted_tokens;
  EXPECT_LT(result.accepted_tokens, 20U);
  // Most steps follow a draft of which nothing was right, and rest; one that was right brings drafts back.
  EXPECT_LT(result.drafted_tokens, steps / 4 + 4 * result.accepted_tokens);
}

TEST(Speculation, ComputesNoTokenThatNobodyNeeds) {
  const TinyModel tiny = repeating_model();
  const ef::GenerateOptions options{.max_new_tokens = 40, .prompt_lookup_num_tokens = 6};
  const auto result = ef::generate(tiny.model, k_prompt, options).at(0);
  EXPECT_EQ(tiny.control->rows, k_prompt.size() + 39 + (result.drafted_tokens - result.accepted_tokens));
}

TEST(Speculation, NeverChangesTheFrequenciesOfWhatWasSaid) {
  for (const std::uint32_t border : {35U, 40U, 50U}) {
    const TinyModel tiny =
        make_tiny_model({.vocabulary_size = 12, .context_length = 200, .frequency_border = border, .scale = 1});
    for (const double temperature : {0.0, 0.7}) {
      const ef::GenerateOptions plain{.max_new_tokens = 40, .temperature = temperature};
      ef::GenerateOptions options = plain;
      options.prompt_lookup_num_tokens = 10;
      expect_same(ef::generate(tiny.model, k_prompt, options), ef::generate(tiny.model, k_prompt, plain));
    }
  }
}

TEST(Speculation, EndsInsideAnAcceptedRun) {
  const TinyModel tiny = repeating_model();
  const ef::GenerateOptions plain{.max_new_tokens = 40, .temperature = 0.6};
  for (ef::TokenId end = 0; end < 12; ++end) {
    ef::GenerateOptions options = plain;
    options.stop_tokens = {end};
    const auto expected = ef::generate(tiny.model, k_prompt, options);
    options.prompt_lookup_num_tokens = 10;
    expect_same(ef::generate(tiny.model, k_prompt, options), expected);
    options.prompt_lookup_num_tokens = 0;
    options.assistant = tiny.model;
    expect_same(ef::generate(tiny.model, k_prompt, options), expected);
  }
}

struct Speaking {
  ef::Tokenizer tokenizer = eigenformer_tests::make_tiny_tokenizer();
  TinyModel tiny = make_tiny_model({.vocabulary_size = tokenizer.vocabulary_size(),
                                    .context_length = 400,
                                    .tokenizer = tokenizer,
                                    .chat_template = eigenformer_tests::k_tiny_template,
                                    .scale = 3});
  ef::GenerateOptions plain{.max_new_tokens = 60, .temperature = 0.8, .repetition_penalty = 0.6};  // repeats itself
};

TEST(Speculation, AReplyStopsAtAStopStringInsideAnAcceptedRun) {
  const Speaking speaking;
  const ef::Model& model = speaking.tiny.model;
  ef::GenerateOptions options = speaking.plain;
  ef::Reply free = ef::begin(model, "hello the user", options);
  while (free.next()) {
  }
  options.assistant = model;
  options.assistant_confidence_threshold = 0;
  const std::string text = free.text();
  std::size_t compared = 0;
  for (std::size_t begin = 0; begin + 3 <= text.size(); ++begin) {
    const std::string stop = text.substr(begin, 3);
    if ((static_cast<unsigned char>(stop[0]) & 0xC0U) == 0x80U) continue;  // inside a character
    options.stop = {stop};
    ef::Reply reply = ef::begin(model, "hello the user", options);
    std::string said;
    while (const auto piece = reply.next()) said += *piece;
    EXPECT_EQ(said, text.substr(0, text.find(stop))) << stop;
    EXPECT_EQ(reply.finish_reason(), ef::FinishReason::stop_string);
    EXPECT_EQ(reply.statistics().new_tokens, reply.ids().size());
    EXPECT_LE(reply.statistics().accepted_tokens, reply.statistics().drafted_tokens);
    ++compared;
  }
  EXPECT_GT(compared, 20U);
}

TEST(Speculation, AChatGoesOnAfterIt) {
  const Speaking speaking;
  ef::GenerateOptions drafting = speaking.plain;
  drafting.prompt_lookup_num_tokens = 8;
  ef::Chat plain(speaking.tiny.model, {.generation = speaking.plain});
  ef::Chat drafted(speaking.tiny.model, {.generation = drafting});
  std::size_t accepted = 0;
  for (const char* said : {"hello", "the user the user", "hello hello hello"}) {
    const std::string expected = plain.ask(said);
    ef::Reply reply = drafted.begin(said);
    while (reply.next()) {
    }
    EXPECT_EQ(reply.text(), expected);
    accepted += reply.statistics().accepted_tokens;
  }
  EXPECT_EQ(drafted.messages(), plain.messages());
  EXPECT_GT(accepted, 5U);
}

TEST(Speculation, ACancelledStepLeavesTheChatUsable) {
  const Speaking speaking;
  ef::GenerateOptions options = speaking.plain;
  const std::string expected = ef::Chat(speaking.tiny.model, {.generation = options}).ask("hello");
  const ef::CancelToken cancel;
  options.prompt_lookup_num_tokens = 8;
  options.cancel = cancel;
  for (const std::uint32_t slot : {5U, 20U, 33U, 48U}) {
    ef::Chat chat(speaking.tiny.model, {.generation = options});
    speaking.tiny.control->on_row = [&](const ef::nn::Row& row) {
      if (row.slot == slot) cancel.cancel();
    };
    ef::Reply reply = chat.begin("hello");
    while (reply.next()) {
    }
    EXPECT_EQ(reply.finish_reason(), ef::FinishReason::cancelled);
    EXPECT_EQ(reply.text(), expected.substr(0, reply.text().size()));
    speaking.tiny.control->on_row = nullptr;
    cancel.reset();
    chat.reset();
    EXPECT_EQ(chat.ask("hello"), expected);
  }
}

/// The switch is turned while the draft model computes.
TEST(Speculation, IsCancelledInsideTheDraftModel) {
  const TinyModel tiny = repeating_model();
  const TinyModel assistant = repeating_model();
  const ef::CancelToken cancel;
  const ef::GenerateOptions options{.max_new_tokens = 40, .cancel = cancel, .assistant = assistant.model};
  const Ids all = ef::generate(tiny.model, k_prompt, options).at(0).ids;
  tiny.control->rows = 0;
  assistant.control->on_row = [&](const ef::nn::Row& row) {
    if (row.slot == 10) cancel.cancel();  // in its prompt
  };
  const auto cut = ef::generate(tiny.model, k_prompt, options).at(0);
  EXPECT_EQ(cut.finish_reason, ef::FinishReason::cancelled);
  EXPECT_EQ(cut.ids, Ids(all.begin(), all.begin() + 1));
  EXPECT_EQ(tiny.control->rows, k_prompt.size());
}

/// Where the host gives no switch, that of the reply or the request is the draft model's too. It is turned in the draft
/// model's prompt, which ends it there: the model itself has chosen one token, and none was drafted.
TEST(Speculation, TheSwitchOfAReplyOrARequestStopsTheDraftModel) {
  const Speaking speaking;
  const Speaking assistant;
  ef::GenerateOptions options = speaking.plain;
  options.assistant = assistant.tiny.model;
  ef::Chat chat(speaking.tiny.model, {.generation = options});
  ef::Scheduler scheduler(speaking.tiny.model);
  std::function<void()> cancel;
  assistant.tiny.control->on_row = [&](const ef::nn::Row& row) {
    if (row.slot == 3) cancel();
  };
  const auto expect_stops = [&](ef::Reply reply) {
    cancel = [switch_of_reply = reply.cancel_token()] { switch_of_reply.cancel(); };
    assistant.tiny.control->rows = 0;
    while (reply.next()) {
    }
    EXPECT_EQ(assistant.tiny.control->rows, reply.statistics().prompt_tokens + 1);
    EXPECT_EQ(reply.finish_reason(), ef::FinishReason::cancelled);
    EXPECT_EQ(reply.ids().size(), 1U);
  };
  expect_stops(ef::begin(speaking.tiny.model, "hello the user", options));
  expect_stops(chat.begin("hello"));
  const auto expect_request_stops = [&](const ef::Request& request, std::size_t prompt) {
    cancel = [&] { request.cancel(); };
    assistant.tiny.control->rows = 0;
    scheduler.run();
    EXPECT_EQ(assistant.tiny.control->rows, prompt + 1);
    const ef::GeneratedSequence result = request.result().value().at(0);
    EXPECT_EQ(result.finish_reason, ef::FinishReason::cancelled);
    EXPECT_EQ(result.ids.size(), 1U);
  };
  expect_request_stops(scheduler.submit("hello the user", options), speaking.tokenizer.encode("hello the user").size());
  chat.reset();
  const std::size_t prompt = chat.begin("hello").statistics().prompt_tokens;
  expect_request_stops(chat.submit(scheduler, "hello"), prompt);
}

TEST(Speculation, ChecksItsOptions) {
  const TinyModel tiny = make_tiny_model();
  const auto refusal = [&](const ef::GenerateOptions& options) {
    return error_of([&] { ef::generate(tiny.model, Ids{1}, options); });
  };
  EXPECT_EQ(refusal({.prompt_lookup_num_tokens = 1025}),
            "usage.option_range: prompt_lookup_num_tokens: expected a whole number from 0 to 1024, found 1025; pass a "
            "value in that range");
  EXPECT_EQ(refusal({.max_matching_ngram_size = 0}),
            "usage.option_range: max_matching_ngram_size: expected a whole number from 1 to 1024, found 0; pass a "
            "value in that range");
  EXPECT_EQ(refusal({.num_assistant_tokens = 0}),
            "usage.option_range: num_assistant_tokens: expected a whole number from 1 to 1024, found 0; pass a value "
            "in that range");
  EXPECT_EQ(refusal({.assistant_confidence_threshold = 1.5}),
            "usage.option_range: assistant_confidence_threshold: expected a number from 0 to 1, found 1.5; pass a "
            "value in that range");
  EXPECT_EQ(refusal({.num_beams = 2, .prompt_lookup_num_tokens = 3}),
            "usage.draft_beams: prompt_lookup_num_tokens: expected one beam where tokens are drafted, found num_beams "
            "2; leave one of the two out");
}

TEST(Speculation, RefusesADraftModelOfOtherTokens) {
  const ef::Tokenizer tokenizer = eigenformer_tests::make_tiny_tokenizer();
  const std::size_t size = tokenizer.vocabulary_size();
  const TinyModel tiny = make_tiny_model({.vocabulary_size = size, .tokenizer = tokenizer});
  const TinyModel smaller = make_tiny_model({.vocabulary_size = size - 1});
  EXPECT_EQ(error_of([&] { ef::generate(tiny.model, Ids{1}, {.assistant = smaller.model}); }),
            "usage.draft_vocabulary: assistant: expected a draft model with the same vocabulary of " +
                std::to_string(size) + " tokens, found " + std::to_string(size - 1) +
                " tokens; use a smaller model of the same family");
  const std::filesystem::path golden = std::filesystem::path(EIGENFORMER_SOURCE_DIR) / "tests/golden";
  const ef::Model pair = ef::load(golden / "bart/hub");
  EXPECT_EQ(error_of([&] { ef::generate(tiny.model, Ids{1}, {.assistant = pair}); }),
            "usage.draft_kind: assistant: expected a decoder-only draft model, found bart, an encoder-decoder; use a "
            "smaller model of the same family");
  EXPECT_EQ(error_of([&] { ef::generate(pair, Ids{1}, {.assistant = tiny.model}); }),
            "usage.draft_kind: assistant: expected an encoder-decoder as the draft model, found tiny, a decoder-only "
            "model; use a smaller model of the same family");
}

class GoldenSpeculation : public testing::TestWithParam<GoldenCase> {};

TEST_P(GoldenSpeculation, GivesTheTokensOfPlainDecoding) {
  const ef::Model model = ef::load(GetParam().model, {.threads = 2});
  const Ids prompt = GetParam().is_generative ? GetParam().greedy().at(0).prompt : GetParam().input_ids();
  for (const double temperature : {0.0, 0.3}) {
    const ef::GenerateOptions plain{.max_new_tokens = 30, .temperature = temperature, .ignore_end_tokens = true};
    ef::GenerateOptions lookup = plain;
    lookup.prompt_lookup_num_tokens = 5;
    lookup.max_matching_ngram_size = 1;
    ef::GenerateOptions assisted = plain;
    assisted.assistant = model;
    assisted.num_assistant_tokens = 6;
    assisted.assistant_confidence_threshold = 0;
    const auto expected = ef::generate(model, prompt, plain);
    if (model.state().network->info().segments) {
      EXPECT_EQ(ef::try_generate(model, prompt, lookup).error().id, "usage.draft_two_streams");
      EXPECT_EQ(ef::try_generate(model, prompt, assisted).error().id, "usage.draft_two_streams");
      continue;
    }
    expect_same(ef::generate(model, prompt, lookup), expected);
    const auto found = ef::generate(model, prompt, assisted);
    expect_same(found, expected);
    EXPECT_EQ(found[0].accepted_tokens, found[0].drafted_tokens);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenSpeculation, testing::ValuesIn(eigenformer_tests::writing_cases()),
                         [](const auto& golden) { return golden.param.name; });

}  // namespace speculation_test
