#include "eigenformer/scheduler.hpp"

#include <gmock/gmock.h>

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/generate/generated.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/tiny_model.hpp"
#include "tests/support/tiny_tokenizer.hpp"

namespace scheduler_test {

namespace ef = eigenformer;
using eigenformer_tests::error_of;
using eigenformer_tests::expect_same;
using eigenformer_tests::GoldenCase;
using eigenformer_tests::make_tiny_model;
using eigenformer_tests::TinyModel;
using Ids = std::vector<ef::TokenId>;

Ids prompt_of(std::size_t size, ef::TokenId step) {
  Ids ids(size);
  for (std::size_t index = 0; index < size; ++index) ids[index] = (static_cast<ef::TokenId>(index) * step + step) % 270;
  return ids;
}

TinyModel writing_model(ef::TokenId end = 34) {
  const ef::Tokenizer tokenizer = eigenformer_tests::make_tiny_tokenizer();
  return make_tiny_model({.vocabulary_size = tokenizer.vocabulary_size(),
                          .context_length = 600,
                          .end_tokens = {end},
                          .tokenizer = tokenizer,
                          .scale = 1});
}

struct Asked {
  Ids prompt;
  ef::GenerateOptions options;
};

/// Prompts of all lengths, with options that have nothing in common.
std::vector<Asked> many_kinds() {
  std::vector<Asked> asked;
  for (std::uint64_t index = 0; index < 14; ++index) {
    ef::GenerateOptions options{.max_new_tokens = 5 + 3 * static_cast<std::size_t>(index), .seed = index};
    if (index % 2 == 1) options.temperature = 0.5 + 0.1 * static_cast<double>(index);
    if (index % 3 == 1) options.repetition_penalty = 1.3;
    if (index % 4 == 1) options.num_return_sequences = 3;
    if (index % 5 == 1) options.stop = {"e", "hello"};
    if (index % 6 == 1) options.top_k = 5;
    if (index % 7 == 1) options.ignore_end_tokens = true;
    if (index % 2 == 0) options.prompt_lookup_num_tokens = 4;
    if (index % 7 == 3) options = {.max_new_tokens = 12, .num_return_sequences = 2, .num_beams = 3};
    asked.push_back({prompt_of(1 + 17 * index % 90, static_cast<ef::TokenId>(2 * index + 1)), options});
  }
  return asked;
}

TEST(Scheduler, EachRequestGetsWhatItGetsAlone) {
  const TinyModel tiny = writing_model();
  const std::vector<Asked> asked = many_kinds();
  std::vector<std::vector<ef::GeneratedSequence>> expected;
  for (const Asked& one : asked) expected.push_back(ef::generate(tiny.model, one.prompt, one.options));
  for (const std::size_t rows : {1U, 7U, 64U, 1000U}) {
    for (const std::size_t most_at_once : {1U, 4U, 100U}) {
      ef::Scheduler scheduler(tiny.model, {.rows_per_step = rows, .most_at_once = most_at_once});
      std::vector<ef::Request> requests;
      for (const Asked& one : asked) {  // each joins two steps after the one before
        requests.push_back(scheduler.submit(one.prompt, one.options));
        scheduler.step();
        scheduler.step();
      }
      scheduler.run();
      EXPECT_EQ(scheduler.size(), 0U);
      for (std::size_t index = 0; index < asked.size(); ++index) {
        ASSERT_TRUE(requests[index].finished());
        expect_same(requests[index].result().value(), expected[index]);
      }
    }
  }
}

TEST(Scheduler, BringsTheTextInPieces) {
  const TinyModel tiny = writing_model();
  const ef::GenerateOptions options{.max_new_tokens = 30, .temperature = 1, .num_return_sequences = 2};
  ef::Scheduler scheduler(tiny.model);
  std::map<std::size_t, std::string> heard;
  ef::Request request = scheduler.submit("hello the user", options, [&](const ef::TextPiece& piece) {
    EXPECT_FALSE(piece.text.empty());
    heard[piece.sequence] += piece.text;
  });
  std::string taken;
  std::size_t pieces = 0;
  while (scheduler.step()) {
    const std::string piece = request.take_text();
    pieces += piece.empty() ? 0 : 1;
    taken += piece;
  }
  taken += request.take_text();
  const auto expected = ef::generate(tiny.model, tiny.model.tokenizer().encode("hello the user"), options);
  EXPECT_EQ(heard[0], expected[0].text);
  EXPECT_EQ(heard[1], expected[1].text);
  EXPECT_EQ(taken, expected[0].text);
  EXPECT_EQ(request.text(1), expected[1].text);
  EXPECT_EQ(request.text(2), "");
  EXPECT_GT(pieces, 5U);
}

TEST(Scheduler, ALongPromptStopsNobody) {
  const TinyModel tiny = make_tiny_model({.context_length = 600});
  ef::Scheduler scheduler(tiny.model, {.rows_per_step = 16});
  const ef::Request talker = scheduler.submit(prompt_of(3, 5), {.max_new_tokens = 30});
  scheduler.step();
  const ef::Request reader = scheduler.submit(prompt_of(450, 7), {.max_new_tokens = 1});
  for (int step = 0; step < 28; ++step) {
    const std::size_t before = tiny.control->rows;
    scheduler.step();
    EXPECT_EQ(tiny.control->rows - before, 16U);  // one of the talker, the rest of the reader
  }
  EXPECT_FALSE(talker.finished());
  scheduler.step();
  EXPECT_TRUE(talker.finished());
  scheduler.run();
  EXPECT_TRUE(reader.finished());
}

TEST(Scheduler, GivesPromptsAQuarterOfAStepHoweverManyDecode) {
  const TinyModel tiny = make_tiny_model();
  ef::Scheduler scheduler(tiny.model, {.rows_per_step = 8});
  for (int index = 0; index < 20; ++index) scheduler.submit(prompt_of(1, 5), {.max_new_tokens = 40});
  while (tiny.control->rows < 20) scheduler.step();
  scheduler.submit(prompt_of(40, 7), {.max_new_tokens = 1});
  const std::size_t before = tiny.control->rows;
  scheduler.step();
  EXPECT_EQ(tiny.control->rows - before, 20U + 2U);
}

TEST(Scheduler, OneThatFailsTakesNoOtherWithIt) {
  const TinyModel tiny = writing_model();
  const ef::GenerateOptions options{.max_new_tokens = 20, .ignore_end_tokens = true};
  const Ids good = prompt_of(9, 5);
  const auto expected = ef::generate(tiny.model, good, options);
  ef::TokenId poison = 260;
  while (testing::Value(expected[0].ids, testing::Contains(poison)) || poison % 5 == 0) --poison;
  tiny.control->token_of_nan = poison;
  ef::Scheduler scheduler(tiny.model, {.rows_per_step = 16});
  const ef::Request first = scheduler.submit(good, options);
  const ef::Request poisoned = scheduler.submit({{7, poison}}, options);
  const ef::Request thrown = scheduler.submit(
      good, options, [](const ef::TextPiece&) { throw std::runtime_error("the host's screen is gone"); });
  const ef::Request last = scheduler.submit(good, options);
  EXPECT_EQ(scheduler.try_submit(good, {.top_p = 7}).error().id, "usage.option_range");
  EXPECT_EQ(scheduler.try_submit(Ids{-4}, {}).error().id, "usage.token_id");
  scheduler.run();
  expect_same(first.result().value(), expected);
  expect_same(last.result().value(), expected);
  EXPECT_EQ(poisoned.result().error().id, "numeric.logits_not_finite");
  EXPECT_EQ(thrown.result().error().id, "system.unexpected");
  EXPECT_EQ(thrown.result().error().found, "the host's screen is gone");
}

/// Throws in one of its runs; runs the items of the others one after another.
class FailingExecutor final : public ef::Executor {
 public:
  unsigned concurrency() const noexcept override { return 2; }
  void run(unsigned items, const ef::Work& work) override {
    if (++runs == fails_at) throw std::runtime_error("a worker is lost");
    for (unsigned item = 0; item < items; ++item) work(item);
  }
  std::size_t runs = 0, fails_at = 0;
};

/// A step runs the model, then lets both requests choose: each of these runs fails once.
TEST(Scheduler, AStepThatFailsIsRepeatedByEachAlone) {
  const std::filesystem::path golden = std::filesystem::path(EIGENFORMER_SOURCE_DIR) / "tests/golden/llama/default";
  const auto executor = std::make_shared<FailingExecutor>();
  const ef::Model model = ef::load(golden, {.executor = executor});
  const ef::GenerateOptions options{.max_new_tokens = 8, .ignore_end_tokens = true, .prompt_lookup_num_tokens = 3};
  const Ids prompt = {5, 9, 5, 9, 5};
  const auto expected = ef::generate(model, prompt, options);
  for (const std::size_t run : {1U, 2U, 3U, 4U}) {
    ef::Scheduler scheduler(model);
    const ef::Request one = scheduler.submit(prompt, options);
    const ef::Request two = scheduler.submit(prompt, options);
    scheduler.step();
    executor->fails_at = executor->runs + run;
    scheduler.run();
    EXPECT_GE(executor->runs, executor->fails_at);
    expect_same(one.result().value(), expected);
    expect_same(two.result().value(), expected);
  }
}

TEST(Scheduler, CancelsARequestAloneInTheMiddleOfItsPrompt) {
  const TinyModel tiny = make_tiny_model({.threads = 1});
  ef::Scheduler scheduler(tiny.model, {.rows_per_step = 8});
  const ef::Request request = scheduler.submit(prompt_of(40, 7), {.max_new_tokens = 5});
  tiny.control->on_row = [&](const ef::nn::Row& row) {
    if (row.slot == 20) request.cancel();
  };
  scheduler.run();
  EXPECT_EQ(tiny.control->rows, 24U);
  const auto result = request.result().value();
  EXPECT_EQ(result.at(0).finish_reason, ef::FinishReason::cancelled);
  EXPECT_TRUE(result.at(0).ids.empty());
}

/// In the middle of a step, of which nothing counts then.
TEST(Scheduler, CancelsAllSequencesOfARequest) {
  const TinyModel tiny = make_tiny_model();
  const ef::CancelToken cancel;
  ef::GenerateOptions options{.max_new_tokens = 20, .temperature = 1, .num_return_sequences = 3, .cancel = cancel};
  const auto whole = ef::generate(tiny.model, prompt_of(40, 7), options);
  tiny.control->on_row = [&](const ef::nn::Row& row) {
    if (row.slot == 46) cancel.cancel();
  };
  const auto cut = ef::generate(tiny.model, prompt_of(40, 7), options);
  for (std::size_t index = 0; index < 3; ++index) {
    EXPECT_EQ(cut[index].ids, Ids(whole[index].ids.begin(), whole[index].ids.begin() + 7));
    EXPECT_EQ(cut[index].finish_reason, ef::FinishReason::cancelled);
  }
  cancel.reset();
  options.num_beams = 4;
  options.temperature = 0;
  const auto beams = ef::generate(tiny.model, prompt_of(40, 7), options);
  ASSERT_EQ(beams.size(), 3U);
  for (const ef::GeneratedSequence& beam : beams) {
    EXPECT_EQ(beam.ids.size(), 7U);
    EXPECT_EQ(beam.finish_reason, ef::FinishReason::cancelled);
  }
}

TEST(Scheduler, CancelsOneAmongOthers) {
  const TinyModel tiny = writing_model();
  const ef::GenerateOptions options{.max_new_tokens = 20, .temperature = 1, .ignore_end_tokens = true};
  const auto expected = ef::generate(tiny.model, prompt_of(9, 5), options);
  ef::Scheduler scheduler(tiny.model);
  const ef::Request stays = scheduler.submit(prompt_of(9, 5), options);
  const ef::Request leaves = scheduler.submit(prompt_of(9, 5), options);
  for (int step = 0; step < 6; ++step) scheduler.step();
  std::thread([&] { leaves.cancel(); }).join();
  scheduler.run();
  expect_same(stays.result().value(), expected);
  const auto left = leaves.result().value();
  EXPECT_EQ(left.at(0).finish_reason, ef::FinishReason::cancelled);
  EXPECT_EQ(left.at(0).ids, Ids(expected[0].ids.begin(), expected[0].ids.begin() + 6));
  EXPECT_EQ(left.at(0).text, leaves.text());
}

/// A switch is turned in the middle of a step that others share: it ends within it, and they do theirs again.
TEST(Scheduler, CancelsOneInTheMiddleOfAStepOfSeveral) {
  const TinyModel tiny = writing_model();
  ef::GenerateOptions drawn{.max_new_tokens = 20, .temperature = 1, .ignore_end_tokens = true};
  ef::GenerateOptions drafted = drawn;
  drafted.prompt_lookup_num_tokens = 4;
  const ef::GenerateOptions beams{.max_new_tokens = 20, .num_return_sequences = 2, .num_beams = 3};
  const ef::GenerateOptions guided{.max_new_tokens = 20, .ignore_end_tokens = true, .guidance_scale = 2};
  const std::vector<ef::GenerateOptions> kinds = {drawn, drafted, beams, guided};
  for (std::uint32_t slot = 100; slot < 300; slot += 40) {  // the first steps of a long prompt, and later ones
    ef::Scheduler scheduler(tiny.model, {.rows_per_step = 64});
    std::vector<ef::Request> stay;
    for (const ef::GenerateOptions& options : kinds) stay.push_back(scheduler.submit(prompt_of(9, 5), options));
    const ef::Request leaves = scheduler.submit(prompt_of(350, 7), drawn);
    bool is_cancelled = false;
    std::size_t rows_after = 0;
    tiny.control->on_row = [&](const ef::nn::Row& row) {
      if (is_cancelled) ++rows_after;
      if (row.slot != slot) return;
      leaves.cancel();
      is_cancelled = true;
    };
    while (!is_cancelled) ASSERT_TRUE(scheduler.step());
    EXPECT_TRUE(leaves.finished());  // by the same step
    EXPECT_LT(rows_after, 64U);      // of the phase in which it happened
    EXPECT_EQ(leaves.result().value().at(0).finish_reason, ef::FinishReason::cancelled);
    EXPECT_TRUE(leaves.result().value().at(0).ids.empty());
    tiny.control->on_row = nullptr;
    scheduler.run();
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
      expect_same(stay[kind].result().value(), ef::generate(tiny.model, prompt_of(9, 5), kinds[kind]));
    }
  }
}

/// The callback gets the text that was held back for a stop string, and throws.
TEST(Scheduler, ACallbackThatThrowsWhenItsRequestIsCancelledConcernsNobodyElse) {
  const TinyModel tiny = writing_model();
  const ef::GenerateOptions plain{.max_new_tokens = 20, .ignore_end_tokens = true};
  const auto expected = ef::generate(tiny.model, prompt_of(9, 5), plain);
  ef::GenerateOptions holding = plain;
  holding.stop = {expected[0].text.substr(0, expected[0].text.size() / 2) + "which never comes"};
  std::size_t thrown = 0;
  for (std::uint32_t slot = 10; slot < 28; ++slot) {
    ef::Scheduler scheduler(tiny.model);
    const ef::Request stays = scheduler.submit(prompt_of(9, 5), plain);
    const ef::CancelToken cancel;
    holding.cancel = cancel;
    const ef::Request leaves = scheduler.submit(prompt_of(9, 5), holding, [&](const ef::TextPiece&) {
      if (cancel.cancelled()) throw std::runtime_error("the host's screen is gone");
    });
    tiny.control->on_row = [&](const ef::nn::Row& row) {
      if (row.slot == slot) cancel.cancel();
    };
    scheduler.run();
    expect_same(stays.result().value(), expected);
    const auto result = leaves.result();
    if (result) continue;
    EXPECT_EQ(result.error().found, "the host's screen is gone");
    ++thrown;
  }
  EXPECT_GT(thrown, 3U);
  EXPECT_LT(thrown, 18U);  // where nothing was held back, there was nothing to say
}

TEST(Scheduler, ACallbackMaySubmitAndCancel) {
  const TinyModel tiny = writing_model();
  const ef::GenerateOptions options{.max_new_tokens = 20, .ignore_end_tokens = true};
  ef::Scheduler scheduler(tiny.model);
  std::optional<ef::Request> second;
  const ef::Request first = scheduler.submit("hello", options, [&](const ef::TextPiece&) {
    if (!second) second = scheduler.submit("the user", options);
  });
  scheduler.run();
  ASSERT_TRUE(second.has_value());
  expect_same(second->result().value(), ef::generate(tiny.model, tiny.model.tokenizer().encode("the user"), options));
}

TEST(Scheduler, SaysWhatIsWrong) {
  const TinyModel tiny = make_tiny_model();
  EXPECT_EQ(error_of([&] { ef::Scheduler(tiny.model, {.rows_per_step = 0}); }),
            "usage.option_range: rows_per_step: expected a whole number from 1 to 65536, found 0; pass a value in that "
            "range");
  EXPECT_EQ(ef::Scheduler::try_make(tiny.model, {.most_at_once = 0}).error().where, "most_at_once");
  ef::Scheduler scheduler(tiny.model);
  EXPECT_FALSE(scheduler.step());  // nothing to do
  const ef::Request request = scheduler.submit(prompt_of(4, 3), {.max_new_tokens = 5});
  EXPECT_TRUE(scheduler.step());
  EXPECT_EQ(request.result().error().line(),
            "error[usage.request_running]: expected a request that is over, found one that is still computed; step the "
            "scheduler until the request says that it is finished");
  EXPECT_EQ(scheduler.try_submit("text").error().id, "tokenizer.missing");
}

TEST(Scheduler, CancelsWhatIsLeftWhenItEnds) {
  const TinyModel tiny = make_tiny_model();
  std::optional<ef::Scheduler> scheduler(tiny.model);
  const ef::Request request = scheduler->submit(prompt_of(4, 3), {.max_new_tokens = 50});
  for (int step = 0; step < 3; ++step) scheduler->step();
  scheduler.reset();
  EXPECT_EQ(request.result().value().at(0).ids.size(), 3U);
  EXPECT_EQ(request.result().value().at(0).finish_reason, ef::FinishReason::cancelled);
}

class GoldenScheduler : public testing::TestWithParam<GoldenCase> {};

TEST_P(GoldenScheduler, EachRequestGetsWhatItGetsAlone) {
  const ef::Model model = ef::load(GetParam().model, {.threads = 2});
  const Ids prompt = GetParam().is_generative ? GetParam().greedy().at(0).prompt : GetParam().input_ids();
  std::vector<Asked> asked;
  for (const std::size_t size : {prompt.size(), (prompt.size() + 1) / 2, std::size_t{1}}) {
    for (const double temperature : {0.0, 1.0}) {
      asked.push_back({{prompt.begin(), prompt.begin() + static_cast<std::ptrdiff_t>(size)},
                       {.max_new_tokens = 9, .temperature = temperature, .seed = size, .ignore_end_tokens = true}});
    }
  }
  asked.back().options.num_return_sequences = 3;
  asked.push_back({prompt, {.max_new_tokens = 9, .num_return_sequences = 2, .num_beams = 3}});
  ef::Scheduler scheduler(model, {.rows_per_step = 5});
  std::vector<ef::Request> requests;
  for (const Asked& one : asked) {
    requests.push_back(scheduler.submit(one.prompt, one.options));
    scheduler.step();
  }
  scheduler.run();
  for (std::size_t index = 0; index < asked.size(); ++index) {
    expect_same(requests[index].result().value(), ef::generate(model, asked[index].prompt, asked[index].options));
  }
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenScheduler, testing::ValuesIn(eigenformer_tests::writing_cases()),
                         [](const auto& golden) { return golden.param.name; });

}  // namespace scheduler_test
