#include "eigenformer/generate.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <thread>
#include <vector>

#include "eigenformer/forward.hpp"
#include "tests/generate/generated.hpp"
#include "tests/support/small_stack.hpp"
#include "tests/support/tiny_model.hpp"

namespace {

namespace ef = eigenformer;
using eigenformer_tests::make_tiny_model;
using eigenformer_tests::tiny_prompt;
using eigenformer_tests::TinyModel;
using Ids = std::vector<ef::TokenId>;
using testing::ElementsAre;

Ids ids_of(const ef::Model& model, const Ids& prompt, const ef::GenerateOptions& options) {
  return ef::generate(model, prompt, options).at(0).ids;
}

ef::ErrorReport refusal(const TinyModel& tiny, const Ids& prompt, const ef::GenerateOptions& options) {
  const auto result = ef::try_generate(tiny.model, prompt, options);
  EXPECT_FALSE(result.ok());
  return result.ok() ? ef::ErrorReport{} : result.error();
}

/// Greedy without a cache: every token from a forward pass over all before it.
Ids greedy_without_cache(const ef::Model& model, Ids ids, std::size_t count) {
  Ids chosen;
  while (chosen.size() < count) {
    const std::vector<float> logits = ef::forward(model, ids).at("logits").values;
    const auto last = logits.end() - static_cast<std::ptrdiff_t>(model.info().vocabulary_size);
    chosen.push_back(static_cast<ef::TokenId>(std::max_element(last, logits.end()) - last));
    ids.push_back(chosen.back());
  }
  return chosen;
}

TEST(Generate, GreedyIsTheArgmaxOfAForwardPassOverEverything) {
  const TinyModel tiny = make_tiny_model();
  for (const std::size_t size : {1U, 31U, 32U, 33U, 100U}) {
    const Ids prompt = tiny_prompt(size);
    EXPECT_EQ(ids_of(tiny.model, prompt, {.max_new_tokens = 40}), greedy_without_cache(tiny.model, prompt, 40));
  }
}

TEST(Generate, DoesNotDependOnChunksOrThreads) {
  const Ids prompt = tiny_prompt(77);
  const ef::GenerateOptions drawn{.max_new_tokens = 50, .temperature = 1.2, .top_k = 40, .top_p = 0.95, .seed = 3};
  const Ids expected = ids_of(make_tiny_model({.threads = 1}).model, prompt, drawn);
  for (const std::size_t chunk : {1U, 7U, 32U, 76U, 77U, 65536U}) {
    for (const unsigned threads : {1U, 2U, 4U}) {
      ef::GenerateOptions options = drawn;
      options.prefill_chunk = chunk;
      EXPECT_EQ(ids_of(make_tiny_model({.threads = threads}).model, prompt, options), expected) << chunk;
    }
  }
}

TEST(Generate, ComputesEachTokenOnce) {
  const TinyModel tiny = make_tiny_model();
  ids_of(tiny.model, tiny_prompt(45), {.max_new_tokens = 10, .prefill_chunk = 7});
  EXPECT_EQ(tiny.control->rows, 45U + 9U);  // the last token is chosen and not computed
}

TEST(Generate, SeveralSequencesShareThePrompt) {
  const TinyModel tiny = make_tiny_model();
  const ef::GenerateOptions options{.max_new_tokens = 10, .temperature = 1, .num_return_sequences = 5};
  const auto sequences = ef::generate(tiny.model, tiny_prompt(45), options);
  ASSERT_EQ(sequences.size(), 5U);
  EXPECT_EQ(tiny.control->rows, 45U + 5U * 9U);
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t j = i + 1; j < 5; ++j) EXPECT_NE(sequences[i].ids, sequences[j].ids);
  }
}

TEST(Generate, ASequenceDoesNotDependOnItsCompany) {
  const TinyModel tiny = make_tiny_model({.end_tokens = {34}});  // so that some end earlier than others
  ef::GenerateOptions options{.max_new_tokens = 30, .temperature = 1.5, .repetition_penalty = 1.2, .seed = 11};
  options.num_return_sequences = 9;
  const auto nine = ef::generate(tiny.model, tiny_prompt(40), options);
  for (const std::size_t count : {1U, 2U, 5U}) {
    options.num_return_sequences = count;
    const auto fewer = ef::generate(tiny.model, tiny_prompt(40), options);
    for (std::size_t index = 0; index < count; ++index) {
      EXPECT_EQ(fewer[index].ids, nine[index].ids);
      EXPECT_EQ(fewer[index].score, nine[index].score);
    }
  }
}

TEST(Generate, ScoreIsTheSumOfLogProbabilities) {
  const TinyModel tiny = make_tiny_model();
  const Ids prompt = tiny_prompt(10);
  const auto sequence = ef::generate(tiny.model, prompt, {.max_new_tokens = 12}).at(0);
  Ids all = prompt;
  all.insert(all.end(), sequence.ids.begin(), sequence.ids.end());
  double expected = 0;
  const std::vector<double> log_probabilities = ef::token_log_probabilities(tiny.model, all);
  for (std::size_t index = prompt.size() - 1; index < log_probabilities.size(); ++index) {
    expected += log_probabilities[index];
  }
  EXPECT_NEAR(sequence.score, expected, 1e-9);
  EXPECT_LT(sequence.score, -0.1);
}

TEST(Generate, EndsAtAnEndToken) {
  const Ids free = ids_of(make_tiny_model().model, tiny_prompt(5), {.max_new_tokens = 20});
  const ef::TokenId end = free[6];
  const auto place = std::find(free.begin(), free.end(), end);
  const Ids until_end(free.begin(), place + 1);
  const TinyModel tiny = make_tiny_model({.end_tokens = {299, end, 0}});
  const auto ended = ef::generate(tiny.model, tiny_prompt(5), {.max_new_tokens = 20}).at(0);
  EXPECT_EQ(ended.ids, until_end);
  EXPECT_EQ(ended.finish_reason, ef::FinishReason::end_token);
  EXPECT_EQ(ids_of(tiny.model, tiny_prompt(5), {.max_new_tokens = 20, .ignore_end_tokens = true}), free);
  const auto stopped =
      ef::generate(make_tiny_model().model, tiny_prompt(5), {.max_new_tokens = 20, .stop_tokens = {end}}).at(0);
  EXPECT_EQ(stopped.ids, until_end);
  EXPECT_EQ(stopped.finish_reason, ef::FinishReason::end_token);
}

TEST(Generate, EndsAtTheLengthThatIsAskedFor) {
  const TinyModel tiny = make_tiny_model({.context_length = 100});
  const auto length = [&](const ef::GenerateOptions& options) {
    const auto sequence = ef::generate(tiny.model, tiny_prompt(30), options).at(0);
    EXPECT_EQ(sequence.finish_reason, ef::FinishReason::length);
    return sequence.ids.size();
  };
  EXPECT_EQ(length({.max_new_tokens = 1}), 1U);
  EXPECT_EQ(length({.max_length = 31}), 1U);
  EXPECT_EQ(length({.max_length = 50}), 20U);
  EXPECT_EQ(length({.max_new_tokens = 40, .max_length = 50}), 40U);  // max_new_tokens goes before
  EXPECT_EQ(length({.max_new_tokens = 1000}), 70U);                  // the context is full
  EXPECT_EQ(length({}), 70U);
  const auto roomy = make_tiny_model({.context_length = 1000});
  EXPECT_EQ(ids_of(roomy.model, tiny_prompt(30), {}).size(), ef::k_default_new_tokens);
}

TEST(Generate, CanBeCancelledInsideThePrompt) {
  const TinyModel tiny = make_tiny_model({.threads = 1});
  const ef::CancelToken cancel;
  tiny.control->on_row = [&](const ef::nn::Row& row) {
    if (row.slot == 20) cancel.cancel();
  };
  const ef::GenerateOptions options{
      .max_new_tokens = 5, .num_return_sequences = 1, .prefill_chunk = 8, .cancel = cancel};
  const auto sequence = ef::generate(tiny.model, tiny_prompt(40), options).at(0);
  EXPECT_EQ(sequence.finish_reason, ef::FinishReason::cancelled);
  EXPECT_TRUE(sequence.ids.empty());
  EXPECT_EQ(tiny.control->rows, 24U);  // the chunk it happened in was not finished, the next not begun
  cancel.reset();
  tiny.control->on_row = nullptr;
  EXPECT_EQ(ef::generate(tiny.model, tiny_prompt(40), options).at(0).ids.size(), 5U);
}

TEST(Generate, CanBeCancelledBetweenTokens) {
  const TinyModel tiny = make_tiny_model();
  const Ids all = ids_of(tiny.model, tiny_prompt(40), {.max_new_tokens = 20});
  const ef::CancelToken cancel;
  tiny.control->on_row = [&](const ef::nn::Row& row) {
    if (row.slot == 46) cancel.cancel();
  };
  const auto sequence = ef::generate(tiny.model, tiny_prompt(40), {.max_new_tokens = 20, .cancel = cancel}).at(0);
  EXPECT_EQ(sequence.finish_reason, ef::FinishReason::cancelled);
  EXPECT_EQ(sequence.ids, Ids(all.begin(), all.begin() + 7));
}

TEST(Generate, ComputesTheCacheAgainWhereFrequenciesChange) {
  const TinyModel tiny = make_tiny_model({.frequency_border = 50});
  const auto fresh_forward_each_time = [&](Ids ids, std::size_t count) {  // a prompt of 1 .. n tokens each
    Ids chosen;
    while (chosen.size() < count) {
      chosen.push_back(ids_of(tiny.model, ids, {.max_new_tokens = 1}).at(0));
      ids.push_back(chosen.back());
    }
    return chosen;
  };
  const Ids expected = fresh_forward_each_time(tiny_prompt(45), 20);
  EXPECT_EQ(ids_of(tiny.model, tiny_prompt(45), {.max_new_tokens = 20, .prefill_chunk = 8}), expected);
  EXPECT_NE(ids_of(make_tiny_model().model, tiny_prompt(45), {.max_new_tokens = 20}), expected);
  const ef::GenerateOptions drawn{.max_new_tokens = 20, .temperature = 1, .num_return_sequences = 3};
  const auto sequences = ef::generate(tiny.model, tiny_prompt(45), drawn);
  ef::GenerateOptions alone = drawn;
  alone.num_return_sequences = 1;
  EXPECT_EQ(ids_of(tiny.model, tiny_prompt(45), alone), sequences[0].ids);
}

TEST(Generate, StopsWhereALogitIsNotANumber) {
  const TinyModel tiny = make_tiny_model();
  const Ids all = ids_of(tiny.model, tiny_prompt(8), {.max_new_tokens = 10});
  tiny.control->token_of_nan = all[4];
  const ef::ErrorReport report = refusal(tiny, tiny_prompt(8), {.max_new_tokens = 10});
  EXPECT_EQ(report.id, "numeric.logits_not_finite");
  EXPECT_EQ(report.found, "not a number for token 3");
  EXPECT_EQ(report.where,
            "position " + std::to_string(8 + (std::find(all.begin(), all.end(), all[4]) - all.begin()) + 1));
  tiny.control->token_of_nan = -1;
  EXPECT_EQ(ids_of(tiny.model, tiny_prompt(8), {.max_new_tokens = 10}), all);
}

TEST(Generate, RefusesPromptsItCannotContinue) {
  const TinyModel tiny = make_tiny_model({.context_length = 64});
  EXPECT_EQ(refusal(tiny, {}, {}).line(),
            "error[usage.prompt_empty]: prompt: expected a prompt of at least one token, found none; begin with some "
            "text or the model's first token");
  EXPECT_EQ(refusal(tiny, {5, -1}, {}).line(),
            "error[usage.token_id]: prompt, token 1: expected token ids from 0 to 299, found -1; use the tokenizer of "
            "this model");
  EXPECT_EQ(refusal(tiny, {5, 6, 300}, {}).id, "usage.token_id");
  EXPECT_EQ(refusal(tiny, tiny_prompt(64), {}).line(),
            "error[usage.prompt_too_long]: prompt: expected a prompt shorter than the context of 64 tokens, found 64 "
            "tokens; shorten it");
  EXPECT_EQ(ids_of(tiny.model, tiny_prompt(63), {}).size(), 1U);
  EXPECT_EQ(
      refusal(tiny, tiny_prompt(30), {.max_length = 30}).line(),
      "error[usage.max_length]: max_length: expected max_length above the prompt's 30 tokens, found 30; raise it, "
      "or pass max_new_tokens instead");
  EXPECT_EQ(refusal(tiny, {1}, {.stop = {"x"}}).id, "tokenizer.missing");
  EXPECT_EQ(tiny.control->rows, 63U);  // nothing was computed for what was refused
}

struct BadOption {
  const char* name;
  ef::GenerateOptions options;
  const char* message;
};

TEST(Generate, ChecksEveryOption) {
  const TinyModel tiny = make_tiny_model();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const auto minus_one = static_cast<std::size_t>(-1);
  const std::vector<BadOption> cases{
      {"max_new_tokens", {.max_new_tokens = 0}, "a whole number from 1 to 2147483647, found 0"},
      {"max_new_tokens",
       {.max_new_tokens = minus_one},
       "a whole number from 1 to 2147483647, found 18446744073709551615"},
      {"max_length", {.max_length = 0}, "a whole number from 1 to 2147483647, found 0"},
      {"temperature", {.temperature = nan}, "a number from 0.0001 to 10000, found nan"},
      {"temperature", {.temperature = -1}, "a number from 0.0001 to 10000, found -1"},
      {"temperature", {.temperature = 1e-300}, "a number from 0.0001 to 10000, found 1e-300"},
      {"temperature", {.temperature = infinity}, "a number from 0.0001 to 10000, found inf"},
      {"top_k", {.top_k = minus_one}, "a whole number from 0 to 2147483647, found 18446744073709551615"},
      {"top_p", {.top_p = nan}, "a number from 0 to 1, found nan"},
      {"top_p", {.top_p = 1.0000001}, "a number from 0 to 1, found 1.0000001"},
      {"min_p", {.min_p = -0.5}, "a number from 0 to 1, found -0.5"},
      {"repetition_penalty", {.repetition_penalty = 0}, "a number from 0.01 to 100, found 0"},
      {"repetition_penalty", {.repetition_penalty = nan}, "a number from 0.01 to 100, found nan"},
      {"num_return_sequences", {.num_return_sequences = 0}, "a whole number from 1 to 1024, found 0"},
      {"num_return_sequences", {.num_return_sequences = 1025}, "a whole number from 1 to 1024, found 1025"},
      {"stop", {.stop = {"a", ""}}, "texts of 1 to 1024 bytes, found one of 0"},
      {"stop", {.stop = {std::string(1025, 'a')}}, "texts of 1 to 1024 bytes, found one of 1025"},
      {"stop", {.stop = std::vector<std::string>(65, "a")}, "at most 64 texts, found 65"},
      {"stop", {.stop = {"\x95\x8C"}}, "UTF-8 text, found one that begins inside a character"},
      {"stop_tokens", {.stop_tokens = {300}}, "token ids from 0 to 299, found 300"},
      {"stop_tokens", {.stop_tokens = {-1}}, "token ids from 0 to 299, found -1"},
      {"prefill_chunk", {.prefill_chunk = 0}, "a whole number from 1 to 65536, found 0"},
      {"guidance_scale", {.guidance_scale = -101}, "a number from -100 to 100, found -101"},
      {"unconditional_prompt", {.unconditional_prompt = {300}}, "token ids from 0 to 299, found 300"},
      {"bad_words", {.bad_words = {{1}, {}}}, "sequences of at least one token, found one of none"},
      {"bad_words", {.bad_words = {{300}}}, "token ids from 0 to 299, found 300"},
      {"sequence_bias", {.sequence_bias = {{{}, 1}}}, "sequences of at least one token, found one of none"},
      {"sequence_bias", {.sequence_bias = {{{2, -3}, 1}}}, "token ids from 0 to 299, found -3"},
      {"sequence_bias", {.sequence_bias = {{{2}, 10001}}}, "a number from -10000 to 10000, found 10001"},
      {"sequence_bias", {.sequence_bias = {{{2}, infinity}}}, "a number from -10000 to 10000, found inf"},
      {"sequence_bias",
       {.sequence_bias = std::vector<ef::TokenBias>(65537, {{1}, 1})},
       "at most 65536 sequences, found 65537"},
      {"logit_bias", {.logit_bias = {{{2}, nan}}}, "a number from -10000 to 10000, found nan"},
      {"encoder_repetition_penalty", {.encoder_repetition_penalty = 0}, "a number from 0.01 to 100, found 0"},
      {"no_repeat_ngram_size",
       {.no_repeat_ngram_size = minus_one},
       "a whole number from 0 to 2147483647, found 18446744073709551615"},
      {"encoder_no_repeat_ngram_size",
       {.encoder_no_repeat_ngram_size = minus_one},
       "a whole number from 0 to 2147483647, found 18446744073709551615"},
      {"min_length", {.min_length = minus_one}, "a whole number from 0 to 2147483647, found 18446744073709551615"},
      {"min_new_tokens",
       {.min_new_tokens = minus_one},
       "a whole number from 0 to 2147483647, found 18446744073709551615"},
      {"forced_first_tokens", {.forced_first_tokens = {300}}, "token ids from 0 to 299, found 300"},
      {"forced_last_tokens", {.forced_last_tokens = {1, -1}}, "token ids from 0 to 299, found -1"},
      {"exponential_decay_length_penalty.factor",
       {.exponential_decay_length_penalty = ef::DecayingLength{1, 0}},
       "a number from 0.01 to 100, found 0"},
      {"exponential_decay_length_penalty.start",
       {.exponential_decay_length_penalty = ef::DecayingLength{minus_one, 1}},
       "a whole number from 0 to 2147483647, found 18446744073709551615"},
      {"suppress_tokens", {.suppress_tokens = {300}}, "token ids from 0 to 299, found 300"},
      {"begin_suppress_tokens", {.begin_suppress_tokens = {300}}, "token ids from 0 to 299, found 300"},
      {"presence_penalty", {.presence_penalty = 101}, "a number from -100 to 100, found 101"},
      {"frequency_penalty", {.frequency_penalty = nan}, "a number from -100 to 100, found nan"},
      {"dry.multiplier", {.dry = {.multiplier = -1}}, "a number from 0 to 100, found -1"},
      {"dry.base", {.dry = {.base = 0.5}}, "a number from 1 to 100, found 0.5"},
      {"dry.allowed_length", {.dry = {.allowed_length = 0}}, "a whole number from 1 to 2147483647, found 0"},
      {"dry.range", {.dry = {.range = minus_one}}, "a whole number from 0 to 2147483647, found 18446744073709551615"},
      {"dry.breakers", {.dry = {.breakers = {300}}}, "token ids from 0 to 299, found 300"},
      {"processors", {.processors = {nullptr}}, "processors of the host's own, found one that is null"},
      {"top_n_sigma", {.top_n_sigma = -1}, "a number from 0 to 100, found -1"},
      {"top_h", {.top_h = 1.5}, "a number from 0 to 1, found 1.5"},
      {"typical_p", {.typical_p = 0}, "a number from 0.0001 to 1, found 0"},
      {"epsilon_cutoff", {.epsilon_cutoff = 1.5}, "a number from 0 to 1, found 1.5"},
      {"eta_cutoff", {.eta_cutoff = nan}, "a number from 0 to 1, found nan"},
      {"xtc.probability", {.xtc = {.probability = 2}}, "a number from 0 to 1, found 2"},
      {"xtc.threshold", {.xtc = {.threshold = -1}}, "a number from 0 to 1, found -1"},
      {"mirostat.surprise", {.mirostat = ef::MirostatOptions{.surprise = 101}}, "a number from 0 to 100, found 101"},
      {"mirostat.learning_rate",
       {.mirostat = ef::MirostatOptions{.learning_rate = 1.5}},
       "a number from 0 to 1, found 1.5"},
      {"log_probabilities", {.log_probabilities = 65}, "a whole number from 0 to 64, found 65"},
  };
  for (const BadOption& bad : cases) {
    const ef::ErrorReport report = refusal(tiny, {1}, bad.options);
    EXPECT_EQ(report.line(), std::string("error[usage.option_range]: ") + bad.name + ": expected " + bad.message +
                                 "; pass a value in that range");
  }
  EXPECT_EQ(refusal(tiny, {1}, {.num_return_sequences = 2}).line(),
            "error[usage.greedy_sequences]: num_return_sequences: expected a temperature above 0 for more than one "
            "sequence, found num_return_sequences 2 with temperature 0, which would all be the same; raise the "
            "temperature, ask for one sequence, or search with num_beams");
  EXPECT_EQ(tiny.control->rows, 0U);
}

TEST(Generate, TakesTheExtremesOfEveryOption) {
  const TinyModel tiny = make_tiny_model();
  for (const double temperature : {0.0001, 10000.0}) {
    for (const double p : {0.0, 1.0}) {
      for (const double penalty : {0.01, 100.0}) {
        const ef::GenerateOptions options{.max_new_tokens = 5,
                                          .temperature = temperature,
                                          .top_k = 0x7FFFFFFF,
                                          .top_p = p,
                                          .min_p = p,
                                          .repetition_penalty = penalty,
                                          .seed = ~std::uint64_t{0},
                                          .num_return_sequences = 2};
        for (const auto& sequence : ef::generate(tiny.model, tiny_prompt(3), options)) {
          EXPECT_EQ(sequence.ids.size(), 5U);
        }
      }
    }
  }
}

/// All rules and filters at once: sequences draw apart, and none depends on its company.
TEST(Generate, ASequenceWithEveryRuleDoesNotDependOnItsCompany) {
  const TinyModel tiny = make_tiny_model({.end_tokens = {34}});
  ef::GenerateOptions options{.max_new_tokens = 30,
                              .temperature = 1.5,
                              .repetition_penalty = 1.2,
                              .seed = 11,
                              .no_repeat_ngram_size = 2,
                              .min_new_tokens = 5,
                              .frequency_penalty = 0.3,
                              .dry = {.multiplier = 1},
                              .typical_p = 0.9,
                              .xtc = {.probability = 0.5, .threshold = 0.05},
                              .mirostat = ef::MirostatOptions{.surprise = 4},
                              .log_probabilities = 3};
  options.num_return_sequences = 5;
  const auto five = ef::generate(tiny.model, tiny_prompt(40), options);
  EXPECT_NE(five[0].ids, five[1].ids);
  for (const std::size_t count : {1U, 3U}) {
    options.num_return_sequences = count;
    const auto fewer = ef::generate(tiny.model, tiny_prompt(40), options);
    for (std::size_t index = 0; index < count; ++index) {
      EXPECT_EQ(fewer[index].ids, five[index].ids);
      EXPECT_EQ(fewer[index].log_probabilities, five[index].log_probabilities);
    }
  }
}

TEST(Generate, IsGuidedAlikeInAnyCompany) {
  const TinyModel tiny = make_tiny_model();
  ef::GenerateOptions options{.max_new_tokens = 12, .temperature = 1, .guidance_scale = 3};
  const Ids unguided = ids_of(tiny.model, tiny_prompt(20), {.max_new_tokens = 12, .temperature = 1});
  options.num_return_sequences = 4;
  const auto four = ef::generate(tiny.model, tiny_prompt(20), options);
  options.num_return_sequences = 1;
  const auto alone = ef::generate(tiny.model, tiny_prompt(20), options).at(0);
  EXPECT_NE(alone.ids, unguided);
  EXPECT_EQ(four[0].ids, alone.ids);
  EXPECT_EQ(four[0].score, alone.score);
  EXPECT_NE(four[1].ids, alone.ids);
  options.unconditional_prompt = {tiny_prompt(20).back()};  // what stands in for it where it is not given
  EXPECT_EQ(ids_of(tiny.model, tiny_prompt(20), options), alone.ids);
  options.unconditional_prompt = tiny_prompt(250);  // the context of 256 ends the text
  EXPECT_EQ(ids_of(tiny.model, tiny_prompt(20), options).size(), 6U);
  options.unconditional_prompt = tiny_prompt(256);
  EXPECT_EQ(refusal(tiny, tiny_prompt(20), options).line(),
            "error[usage.prompt_too_long]: unconditional_prompt: expected a prompt shorter than the context of 256 "
            "tokens, found 256 tokens; shorten it");
}

TEST(Generate, GuidanceCanBeCancelledInsideEitherPrompt) {
  const TinyModel tiny = make_tiny_model({.threads = 1});
  const ef::CancelToken cancel;
  const ef::GenerateOptions options{.max_new_tokens = 5,
                                    .prefill_chunk = 8,
                                    .cancel = cancel,
                                    .guidance_scale = 3,
                                    .unconditional_prompt = Ids(30, 299)};
  const Ids wanted = ids_of(tiny.model, tiny_prompt(40), options);
  for (const bool is_second : {false, true}) {
    std::size_t rows_then = 0;
    tiny.control->rows = 0;
    tiny.control->on_row = [&](const ef::nn::Row& row) {
      if (row.slot != 20 || (row.token == 299) != is_second) return;
      rows_then = tiny.control->rows;
      cancel.cancel();
    };
    const auto sequence = ef::generate(tiny.model, tiny_prompt(40), options).at(0);
    EXPECT_EQ(sequence.finish_reason, ef::FinishReason::cancelled);
    EXPECT_TRUE(sequence.ids.empty());
    EXPECT_GT(rows_then, 0U);
    EXPECT_LT(tiny.control->rows, rows_then + 8);  // the chunk it happened in, not another
    cancel.reset();
    tiny.control->on_row = nullptr;
    EXPECT_EQ(ids_of(tiny.model, tiny_prompt(40), options), wanted);
  }
}

TEST(Generate, EachFilterThatLeavesOneTokenIsGreedy) {
  const TinyModel tiny = make_tiny_model();
  const Ids greedy = ids_of(tiny.model, tiny_prompt(20), {.max_new_tokens = 12});
  const std::vector<BadOption> cases{
      {"none", {}, nullptr},
      {"top_n_sigma", {.top_n_sigma = 1e-9}, nullptr},
      {"top_h", {.top_h = 1e-9}, nullptr},
      {"epsilon_cutoff", {.epsilon_cutoff = 0.999999}, nullptr},
      {"mirostat", {.mirostat = ef::MirostatOptions{.surprise = 0}}, nullptr},
  };
  for (const BadOption& one : cases) {
    ef::GenerateOptions options = one.options;
    options.max_new_tokens = 12;
    options.temperature = 3;
    const bool is_greedy = std::string_view(one.name) != "none";
    EXPECT_EQ(ids_of(tiny.model, tiny_prompt(20), options) == greedy, is_greedy) << one.name;
  }
}

TEST(Generate, SaysHowLikelyEachTokenAndItsAlternativesWere) {
  const TinyModel tiny = make_tiny_model();
  const Ids prompt = tiny_prompt(10);
  const auto plain = ef::generate(tiny.model, prompt, {.max_new_tokens = 12}).at(0);
  EXPECT_TRUE(plain.log_probabilities.empty() && plain.alternatives.empty());
  const auto sequence = ef::generate(tiny.model, prompt, {.max_new_tokens = 12, .log_probabilities = 3}).at(0);
  EXPECT_EQ(sequence.ids, plain.ids);
  Ids all = prompt;
  all.insert(all.end(), sequence.ids.begin(), sequence.ids.end());
  const std::vector<double> of_all = ef::token_log_probabilities(tiny.model, all);
  ASSERT_EQ(sequence.log_probabilities.size(), 12U);
  ASSERT_EQ(sequence.alternatives.size(), 12U);
  for (std::size_t index = 0; index < 12; ++index) {
    EXPECT_NEAR(sequence.log_probabilities[index], of_all[prompt.size() - 1 + index], 1e-12);
    ASSERT_EQ(sequence.alternatives[index].size(), 3U);
    EXPECT_EQ(sequence.alternatives[index][0].id, sequence.ids[index]);
    EXPECT_NEAR(sequence.alternatives[index][0].log_probability, sequence.log_probabilities[index], 1e-12);
    Ids other(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(prompt.size() + index));
    other.push_back(sequence.alternatives[index][2].id);
    EXPECT_NEAR(sequence.alternatives[index][2].log_probability, ef::token_log_probabilities(tiny.model, other).back(),
                1e-12);
  }
  const auto drawn =
      ef::generate(tiny.model, prompt, {.max_new_tokens = 12, .temperature = 1, .top_k = 2, .log_probabilities = 5})
          .at(0);
  double sum = 0;
  for (std::size_t index = 0; index < 12; ++index) {
    sum += drawn.log_probabilities[index];
    ASSERT_EQ(drawn.alternatives[index].size(), 2U);  // the filter left two
    const double both =
        std::exp(drawn.alternatives[index][0].log_probability) + std::exp(drawn.alternatives[index][1].log_probability);
    EXPECT_NEAR(both, 1, 1e-12);
  }
  EXPECT_EQ(sum, drawn.score);
}

TEST(Generate, OneModelServesSeveralThreads) {
  const TinyModel tiny = make_tiny_model();
  const auto options_of = [](std::uint64_t seed) {
    return ef::GenerateOptions{.max_new_tokens = 40, .temperature = 1, .seed = seed, .num_return_sequences = 2};
  };
  std::vector<Ids> expected;
  for (std::uint64_t seed = 0; seed < 4; ++seed)
    expected.push_back(ids_of(tiny.model, tiny_prompt(50), options_of(seed)));
  std::vector<Ids> found(4);
  std::vector<std::thread> threads;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    threads.emplace_back([&, seed] {
      for (int round = 0; round < 5; ++round) found[seed] = ids_of(tiny.model, tiny_prompt(50), options_of(seed));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(found, expected);
}

TEST(Generate, RunsOnASmallStack) {
  const TinyModel tiny = make_tiny_model();
  Ids ids;
  eigenformer_tests::on_small_stack(256 * 1024, [&] {
    ids = ids_of(tiny.model, tiny_prompt(50), {.max_new_tokens = 40, .temperature = 1, .top_p = 0.99});
  });
  EXPECT_EQ(ids.size(), 40U);
}

TEST(FinishReason, HasTheNamesThatTheProgramPrints) {
  EXPECT_EQ(ef::finish_reason_name(ef::FinishReason::end_token), "eos");
  EXPECT_EQ(ef::finish_reason_name(ef::FinishReason::stop_string), "stop");
  EXPECT_EQ(ef::finish_reason_name(ef::FinishReason::length), "length");
  EXPECT_EQ(ef::finish_reason_name(ef::FinishReason::cancelled), "cancelled");
}

}  // namespace
