// Attention over the cache: however a sequence is cut into steps and whatever else is in them, its bits are the same.
#include <gtest/gtest.h>

#include "tests/nn/executors.hpp"
#include "tests/nn/tiny_decoder.hpp"
#include "tests/support/errors.hpp"

namespace eigenformer {
namespace {

using namespace testing_nn;

constexpr std::size_t k_length = 75;  // more than two tiles

class CachedAttention : public ::testing::TestWithParam<std::tuple<kernels::InstructionSet, nn::CacheType>> {
 protected:
  const kernels::KernelTable& kernels() const { return kernels::kernel_table(std::get<0>(GetParam())); }
  nn::CacheLayout layout() const { return TinyDecoder::layout(std::get<1>(GetParam())); }

  /// All rows of a sequence, `chunk` rows a step.
  std::vector<float> in_chunks(const nn::Program& program, const std::vector<float>& vectors, std::size_t chunk,
                               nn::KvCache& cache) const {
    SequentialExecutor executor({0});
    nn::Session session({&program, &kernels(), &executor});
    std::vector<float> outputs;
    const std::size_t length = vectors.size() / TinyDecoder::k_hidden;
    for (std::size_t first = cache.size(); first < length; first += chunk) {
      std::vector<nn::Row> rows;
      append_rows(rows, 0, vectors, first, std::min(first + chunk, length));
      const std::vector<nn::BatchSequence> sequences = {{.cache = &cache}};
      EXPECT_EQ(session.run({rows, sequences}), nn::WalkOutcome::finished);
      const std::vector<float> result = copy_of(session.result("y"));
      outputs.insert(outputs.end(), result.begin(), result.end());
    }
    return outputs;
  }
  std::vector<float> at_once(const nn::Program& program, const std::vector<float>& vectors) const {
    nn::KvCache cache(layout());
    return in_chunks(program, vectors, vectors.size(), cache);
  }
};

TEST_P(CachedAttention, IsTheSameInAnyChunks) {
  const TinyDecoder decoder;
  const nn::Program program = decoder.record();
  const std::vector<float> vectors = sequence_vectors(1, k_length);
  const std::vector<float> wanted = at_once(program, vectors);
  ASSERT_EQ(wanted.size(), k_length * TinyDecoder::k_hidden);
  for (const std::size_t chunk : {1U, 2U, 7U, 31U, 32U, 33U, 64U}) {
    nn::KvCache cache(layout());
    EXPECT_TRUE(same_bits(in_chunks(program, vectors, chunk, cache), wanted)) << chunk;
    EXPECT_EQ(cache.size(), k_length);
  }
}

TEST_P(CachedAttention, IsTheSameAloneAndInCompany) {
  const TinyDecoder decoder;
  const nn::Program program = decoder.record();
  std::vector<std::vector<float>> vectors;
  std::vector<nn::KvCache> caches;
  for (std::uint32_t i = 0; i < 9; ++i) {
    vectors.push_back(sequence_vectors(100 + i, 1 + i * 8));
    caches.emplace_back(layout());
  }
  std::vector<nn::Row> rows;
  std::vector<nn::BatchSequence> sequences;
  for (std::uint32_t i = 0; i < 9; ++i) {
    sequences.push_back({.cache = &caches[i]});
    append_rows(rows, i, vectors[i], 0, 1 + i * 8);
  }
  SequentialExecutor executor({0});
  nn::Session session({&program, &kernels(), &executor});
  session.run({rows, sequences});
  const std::vector<float> together = copy_of(session.result("y"));
  std::size_t first = 0;
  for (const std::vector<float>& sequence : vectors) {
    const std::vector<float> mine(together.data() + first, together.data() + first + sequence.size());
    EXPECT_TRUE(same_bits(mine, at_once(program, sequence)));
    first += sequence.size();
  }
}

TEST_P(CachedAttention, IsTheSameForAForkAndAfterTruncation) {
  const TinyDecoder decoder;
  const nn::Program program = decoder.record();
  const std::vector<float> vectors = sequence_vectors(2, k_length);
  std::vector<float> other = vectors;
  for (std::size_t i = 40 * TinyDecoder::k_hidden; i < other.size(); ++i) other[i] = -other[i];
  const std::vector<float> wanted = at_once(program, vectors);
  const std::vector<float> wanted_other = at_once(program, other);
  const auto tail = [](const std::vector<float>& all) {
    return std::vector<float>(all.begin() + 40 * TinyDecoder::k_hidden, all.end());
  };

  nn::KvCache cache(layout());
  const std::vector<float> past(vectors.begin(), vectors.begin() + 40 * TinyDecoder::k_hidden);
  in_chunks(program, past, 40, cache);
  nn::KvCache fork = cache.fork();
  EXPECT_TRUE(same_bits(in_chunks(program, other, 3, fork), tail(wanted_other)));
  EXPECT_TRUE(same_bits(in_chunks(program, vectors, 5, cache), tail(wanted)));
  cache.truncate(40);
  EXPECT_TRUE(same_bits(in_chunks(program, other, 100, cache), tail(wanted_other)));
}

TEST_P(CachedAttention, HasTheBitsOfTheScalarKernels) {
  const TinyDecoder decoder;
  const nn::Program program = decoder.record();
  const std::vector<float> vectors = sequence_vectors(3, k_length);
  nn::KvCache cache(layout());
  SequentialExecutor executor({0});
  nn::Session session({&program, &kernels::kernel_table(kernels::InstructionSet::scalar), &executor});
  std::vector<nn::Row> rows;
  append_rows(rows, 0, vectors, 0, k_length);
  const std::vector<nn::BatchSequence> sequences = {{.cache = &cache}};
  session.run({rows, sequences});
  EXPECT_TRUE(same_bits(copy_of(session.result("y")), at_once(program, vectors)));
}

TEST_P(CachedAttention, ARowThatStoresNothingLeavesNoTrace) {
  const TinyDecoder decoder;
  const nn::Program program = decoder.record();
  const std::vector<float> vectors = sequence_vectors(4, 34);
  const std::vector<float> wanted = at_once(program, vectors);
  nn::KvCache cache(layout());
  const std::vector<float> past(vectors.begin(), vectors.begin() + 33 * TinyDecoder::k_hidden);
  in_chunks(program, past, 33, cache);
  const auto look = [&](nn::KvCache& looked_at) {
    SequentialExecutor executor({0});
    nn::Session session({&program, &kernels(), &executor});
    std::vector<nn::Row> rows;
    append_rows(rows, 0, vectors, 33, 34);
    rows[0].stores_keys = false;
    const std::vector<nn::BatchSequence> sequences = {{.cache = &looked_at}};
    session.run({rows, sequences});
    EXPECT_EQ(looked_at.size(), 33U);
    return copy_of(session.result("y"));
  };
  const std::vector<float> last(wanted.end() - TinyDecoder::k_hidden, wanted.end());
  const std::vector<float> looked = look(cache);
  EXPECT_FALSE(same_bits(looked, last)) << "it saw itself";
  EXPECT_TRUE(same_bits(in_chunks(program, vectors, 1, cache), last));
  cache.truncate(33);  // its own slot now holds what was there before
  EXPECT_TRUE(same_bits(look(cache), looked));
}

TEST_P(CachedAttention, SlotsGoOnWhereTheCacheEnds) {
  const TinyDecoder decoder;
  const nn::Program program = decoder.record();
  const std::vector<float> vectors = sequence_vectors(5, 40);
  nn::KvCache cache(layout());
  const std::vector<float> past(vectors.begin(), vectors.begin() + 10 * TinyDecoder::k_hidden);
  in_chunks(program, past, 10, cache);
  SequentialExecutor executor({0});
  nn::Session session({&program, &kernels(), &executor});
  const std::vector<nn::BatchSequence> sequences = {{.cache = &cache}};
  const auto error_at = [&](std::vector<std::size_t> slots) {
    std::vector<nn::Row> rows;
    for (const std::size_t slot : slots) append_rows(rows, 0, vectors, slot, slot + 1);
    return eigenformer_tests::error_of([&] { session.run({rows, sequences}); });
  };
  const std::string remedy = "; begin with the first slot that the cache lacks and leave none out";
  EXPECT_EQ(error_at({9}), "shape.row_slot: row 0: expected slot 10, the next of its sequence, found slot 9" + remedy);
  EXPECT_EQ(error_at({11}),
            "shape.row_slot: row 0: expected slot 10, the next of its sequence, found slot 11" + remedy);
  EXPECT_EQ(error_at({10, 12}),
            "shape.row_slot: row 1: expected slot 11, the next of its sequence, found slot 12" + remedy);
  EXPECT_EQ(cache.size(), 10U);
  EXPECT_EQ(error_at({10, 11}), "no error");
  EXPECT_EQ(cache.size(), 12U);
}

TEST_P(CachedAttention, SequencesHaveCachesOfTheirOwn) {
  const TinyDecoder decoder;
  const nn::Program program = decoder.record();
  const std::vector<float> vectors = sequence_vectors(6, 8);
  nn::KvCache cache(layout()), other(layout());
  SequentialExecutor executor({0});
  nn::Session session({&program, &kernels(), &executor});
  std::vector<nn::Row> rows;
  for (const std::uint32_t sequence : {2U, 0U, 1U}) append_rows(rows, sequence, vectors, 0, 4);
  const auto error_of_caches = [&](const std::vector<nn::KvCache*>& caches) {
    std::vector<nn::BatchSequence> sequences;
    for (nn::KvCache* const each : caches) sequences.push_back({.cache = each});
    return eigenformer_tests::error_of([&] { session.run({rows, sequences}); });
  };
  EXPECT_EQ(error_of_caches({&cache, &other, &cache}),
            "shape.cache_shared: sequences 0 and 2: expected a cache of its own for each sequence, found one cache for "
            "two; give each a fork of the cache");
  EXPECT_EQ(cache.size() + other.size(), 0U);
  EXPECT_EQ(cache.bytes() + other.bytes(), 0U);
  nn::KvCache fork = cache.fork();
  EXPECT_EQ(error_of_caches({&cache, &other, &fork}), "no error");
  EXPECT_EQ(cache.size() + other.size() + fork.size(), 12U);
}

TEST_P(CachedAttention, NeedsACacheOfItsShape) {
  const TinyDecoder decoder;
  const nn::Program program = decoder.record();
  const nn::CacheLayout good = layout();
  SequentialExecutor executor({0});
  nn::Session session({&program, &kernels(), &executor});
  std::vector<nn::Row> rows;
  const std::vector<float> vectors = sequence_vectors(7, 4);
  append_rows(rows, 0, vectors, 0, 4);
  const auto error_with = [&](nn::KvCache* cache) {
    const std::vector<nn::BatchSequence> sequences = {{.cache = cache}};
    return eigenformer_tests::error_of([&] { session.run({rows, sequences}); });
  };
  const auto error_text = [&](const std::string& found) {
    const std::string heads = std::to_string(good.kv_heads) + " key heads of " + std::to_string(good.head_dim);
    return "shape.sequence_cache: sequence 0: expected a cache with at least 1 layers of " + heads + " values, found " +
           found + "; pass a cache of the network's cache_layout() as BatchSequence::cache";
  };
  EXPECT_EQ(error_with(nullptr), error_text("none"));
  const auto error_with_layout = [&](std::size_t layers, std::size_t kv_heads, std::size_t head_dim) {
    nn::KvCache bad({layers, kv_heads, head_dim, good.type});
    return error_with(&bad);
  };
  EXPECT_EQ(error_with_layout(2, 1, 6), error_text("2 layers of 1 key heads of 6 values"));
  EXPECT_EQ(error_with_layout(2, 2, 7), error_text("2 layers of 2 key heads of 7 values"));
  EXPECT_EQ(error_with_layout(1, 2, 6),
            "shape.sequence_cache: sequence 0: expected a cache with at least 2 layers of 2 key heads of 6 values, "
            "found 1 layers of 2 key heads of 6 values; pass a cache of the network's cache_layout() as "
            "BatchSequence::cache");
  nn::KvCache cache(good);
  EXPECT_EQ(error_with(&cache), "no error");
}

std::string suffix_of(nn::CacheType type) {
  return type == nn::CacheType::f32 ? "_f32" : type == nn::CacheType::f16 ? "_f16" : "_int8";
}

INSTANTIATE_TEST_SUITE_P(Isa, CachedAttention,
                         ::testing::Combine(::testing::ValuesIn(kernels::available_instruction_sets()),
                                            ::testing::Values(nn::CacheType::f32, nn::CacheType::f16,
                                                              nn::CacheType::int8)),
                         [](const auto& parameters) {
                           return std::string(kernels::instruction_set_name(std::get<0>(parameters.param))) +
                                  suffix_of(std::get<1>(parameters.param));
                         });

}  // namespace
}  // namespace eigenformer
