#include "eigenformer/generate/sequence.hpp"

#include <gmock/gmock.h>

#include <vector>

#include "eigenformer/generate/continuation.hpp"
#include "tests/support/tiny_model.hpp"

namespace {

namespace ef = eigenformer;
using ef::generation::Continuation;
using ef::generation::Forward;
using ef::generation::Sequence;
using ef::generation::SequenceStep;
using Ids = std::vector<ef::TokenId>;

struct Bench {
  eigenformer_tests::TinyModel tiny = eigenformer_tests::make_tiny_model();
  Forward forward{tiny.model.state()};

  Sequence sequence(const Ids& ids) const { return {ef::nn::KvCache(tiny.model.state().cache_layout), ids, 0}; }
  std::vector<float> run(Sequence& sequence) {
    EXPECT_TRUE(forward.run(sequence, {}));
    const auto logits = forward.logits(0);
    return {logits.begin(), logits.end()};
  }
};

TEST(ReplacePrompt, KeepsWhatBothBeginWith) {
  Bench bench;
  const Ids ids(40, 7);
  Sequence sequence = bench.sequence(ids);
  bench.run(sequence);
  Ids other = ids;
  other[35] = 8;
  EXPECT_EQ(ef::generation::replace_prompt(sequence, other), 35U);
  EXPECT_EQ(sequence.pending(), 5U);
  Sequence fresh = bench.sequence(other);
  EXPECT_EQ(bench.run(sequence), bench.run(fresh));  // bit for bit
}

TEST(ReplacePrompt, LeavesTheLastTokenToBeComputed) {
  Bench bench;
  const Ids ids(40, 7);
  Sequence sequence = bench.sequence(ids);
  const std::vector<float> logits = bench.run(sequence);
  EXPECT_EQ(ef::generation::replace_prompt(sequence, ids), 39U);
  EXPECT_EQ(bench.run(sequence), logits);
  EXPECT_EQ(ef::generation::replace_prompt(sequence, Ids(33, 7)), 32U);
  EXPECT_EQ(ef::generation::replace_prompt(sequence, Ids(1, 7)), 0U);
  EXPECT_EQ(sequence.cache.bytes(), 0U);
}

TEST(ReplacePrompt, TrustsTheCacheNoFurtherThanItGoes) {
  Bench bench;
  Sequence sequence = bench.sequence(Ids(40, 7));  // nothing computed yet
  EXPECT_EQ(ef::generation::replace_prompt(sequence, Ids(40, 7)), 0U);
}

TEST(Continuation, ForksShareThePages) {
  Bench bench;
  Sequence sequence = bench.sequence(Ids(70, 7));  // two whole pages and a part
  bench.run(sequence);
  const std::size_t page = sequence.cache.layout().page_bytes();
  Continuation first(std::move(sequence), {.sampling = {.temperature = 1}, .length = 100});
  std::vector<Continuation> forks;
  for (std::uint32_t index = 1; index < 5; ++index) forks.push_back(first.fork(index));
  EXPECT_EQ(first.sequence().cache.bytes(), 3 * page);
  EXPECT_EQ(first.sequence().cache.unshared_bytes(), 0U);
  ef::generation::SamplingBuffers buffers;
  const std::span<const float> logits = bench.forward.logits(0);
  std::vector<SequenceStep> steps{{.sequence = &first.sequence()}};
  first.choose(logits, buffers);
  for (Continuation& fork : forks) {
    fork.choose(logits, buffers);
    steps.push_back({.sequence = &fork.sequence()});
  }
  EXPECT_TRUE(bench.forward.step(steps, {}));
  std::size_t unshared = 0;
  for (const SequenceStep& step : steps) unshared += step.sequence->cache.unshared_bytes();
  EXPECT_EQ(unshared, 5 * page);  // the page that is not full, once for each; the two full ones stay shared
}

TEST(Forward, IsAsBeforeWhenCancelled) {
  Bench bench;
  Sequence sequence = bench.sequence(Ids(40, 7));
  const std::atomic<bool> cancelled{true};
  EXPECT_FALSE(bench.forward.run(sequence, {.chunk = 8, .cancel = &cancelled}));
  EXPECT_EQ(sequence.cache.size(), 0U);
  EXPECT_TRUE(bench.forward.run(sequence, {.chunk = 8}));
  sequence.ids.push_back(3);
  const std::vector<SequenceStep> steps{{.sequence = &sequence}};
  EXPECT_FALSE(bench.forward.step(steps, {.cancel = &cancelled}));
  EXPECT_EQ(sequence.cache.size(), 40U);
  EXPECT_TRUE(bench.forward.step(steps, {}));
  EXPECT_EQ(sequence.cache.size(), 41U);
}

/// The logits after each of the first tokens of `ids`, computed token by token.
std::vector<std::vector<float>> logits_one_by_one(Bench& bench, const Ids& ids) {
  std::vector<std::vector<float>> logits;
  Sequence sequence = bench.sequence({});
  for (const ef::TokenId id : ids) {
    sequence.ids.push_back(id);
    logits.push_back(bench.run(sequence));
  }
  return logits;
}

Ids counted(std::size_t size, ef::TokenId step) {
  Ids ids(size);
  for (std::size_t index = 0; index < size; ++index) ids[index] = (static_cast<ef::TokenId>(index) * step + step) % 300;
  return ids;
}

TEST(Forward, ARaggedStepGivesTheBitsOfEachAlone) {
  const std::vector<Ids> texts{counted(70, 3), counted(33, 7), counted(1, 11), counted(9, 13)};
  const std::vector<std::size_t> in_cache{69, 0, 0, 4};  // a decode row, a prompt, a prompt of one token, a draft
  const std::vector<std::size_t> outputs{1, 1, 1, 5};
  for (const std::size_t chunk : {1U, 2U, 5U, 16U, 39U, 40U, 256U}) {
    Bench bench;
    std::vector<Sequence> sequences;
    for (std::size_t index = 0; index < texts.size(); ++index) {
      sequences.push_back(bench.sequence({texts[index].begin(), texts[index].begin() + in_cache[index]}));
      if (in_cache[index] > 0) bench.run(sequences.back());
      sequences.back().ids = texts[index];
    }
    std::vector<SequenceStep> steps;
    for (std::size_t index = 0; index < texts.size(); ++index) {
      steps.push_back({.sequence = &sequences[index], .outputs = outputs[index]});
    }
    ASSERT_TRUE(bench.forward.step(steps, {.chunk = chunk}));
    std::size_t row = 0;
    for (std::size_t index = 0; index < texts.size(); ++index) {
      EXPECT_EQ(sequences[index].pending(), 0U);
      Bench alone;
      const std::vector<std::vector<float>> expected = logits_one_by_one(alone, texts[index]);
      for (std::size_t place = texts[index].size() - outputs[index]; place < texts[index].size(); ++place, ++row) {
        const std::span<const float> found = bench.forward.logits(row);
        EXPECT_EQ(std::vector<float>(found.begin(), found.end()), expected[place]) << chunk << ", row " << row;
      }
    }
  }
}

TEST(Forward, ComputesAPartOfAPromptBesideWhatIsDecoded) {
  Bench bench;
  Sequence decoded = bench.sequence(counted(20, 3));
  Sequence prompt = bench.sequence(counted(50, 7));
  bench.run(decoded);
  decoded.ids.push_back(5);
  const std::vector<SequenceStep> steps{{.sequence = &prompt, .outputs = 0, .tokens = 15}, {.sequence = &decoded}};
  ASSERT_TRUE(bench.forward.step(steps, {}));
  EXPECT_EQ(prompt.pending(), 35U);
  const std::vector<float> logits(bench.forward.logits(0).begin(), bench.forward.logits(0).end());
  Bench alone;
  EXPECT_EQ(logits, logits_one_by_one(alone, decoded.ids).back());
  EXPECT_EQ(bench.run(prompt), logits_one_by_one(alone, prompt.ids).back());
}

TEST(Forward, GivesTheLogitsInTheMiddleOfWhatIsPending) {
  Bench bench;
  Sequence sequence = bench.sequence(counted(40, 3));
  const std::vector<SequenceStep> steps{{.sequence = &sequence, .outputs = 3, .tokens = 30}};
  ASSERT_TRUE(bench.forward.step(steps, {.chunk = 8}));
  EXPECT_EQ(sequence.pending(), 10U);
  Bench alone;
  const std::vector<std::vector<float>> expected = logits_one_by_one(alone, sequence.ids);
  for (std::size_t row = 0; row < 3; ++row) {
    const std::span<const float> found = bench.forward.logits(row);
    EXPECT_EQ(std::vector<float>(found.begin(), found.end()), expected[27 + row]);
  }
}

}  // namespace
