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
  std::vector<Sequence*> sequences{&first.sequence()};
  first.choose(logits, buffers);
  for (Continuation& fork : forks) {
    fork.choose(logits, buffers);
    sequences.push_back(&fork.sequence());
  }
  EXPECT_TRUE(bench.forward.step(sequences, {}));
  std::size_t unshared = 0;
  for (const Sequence* each : sequences) unshared += each->cache.unshared_bytes();
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
  std::vector<Sequence*> sequences{&sequence};
  EXPECT_FALSE(bench.forward.step(sequences, {.cancel = &cancelled}));
  EXPECT_EQ(sequence.cache.size(), 40U);
  EXPECT_TRUE(bench.forward.step(sequences, {}));
  EXPECT_EQ(sequence.cache.size(), 41U);
}

}  // namespace
