// Encoder and decoder blocks against double precision, with sequences of mixed lengths in one batch.
#include <gtest/gtest.h>

#include <map>

#include "eigenformer/nn/decoder_block.hpp"
#include "eigenformer/nn/encoder_block.hpp"
#include "eigenformer/nn/positions/rotary_embedding.hpp"
#include "eigenformer/nn/positions/sinusoidal.hpp"
#include "eigenformer/nn/session.hpp"
#include "eigenformer/nn/softcap.hpp"
#include "tests/nn/double_reference.hpp"
#include "tests/nn/executors.hpp"
#include "tests/nn/tiny_decoder.hpp"
#include "tests/support/errors.hpp"

namespace eigenformer {
namespace {

using namespace testing_nn;

constexpr nn::AttentionOptions k_shape{.heads = 4, .kv_heads = 2, .head_dim = 6, .scale = 0.4F};

DoubleRows rows_of(const std::vector<float>& vectors) {
  DoubleRows rows;
  for (std::size_t first = 0; first < vectors.size(); first += k_hidden) {
    rows.emplace_back(vectors.begin() + static_cast<std::ptrdiff_t>(first),
                      vectors.begin() + static_cast<std::ptrdiff_t>(first + k_hidden));
  }
  return rows;
}

nn::Value input(nn::Recorder& r) {
  return r.rows(nn::RowSet::all, {}, k_hidden, [](nn::Value output) -> nn::RowBody {
    return [output](const nn::Step& step, std::size_t row) {
      std::copy_n(step.batch().rows[row].vector, output.width, step.row(output, row));
    };
  });
}

/// Records y = body(recorder, x).
nn::Program record(const std::function<nn::Value(nn::Recorder&, nn::Value)>& body) {
  nn::Recorder r({});
  r.output("y", body(r, input(r)));
  return std::move(r).finish();
}

/// Sequences of different lengths that go through a program in one step, without padding.
class Batches {
 public:
  explicit Batches(const std::vector<std::size_t>& lengths, std::size_t layers = 1) {
    for (const std::size_t length : lengths) {
      vectors.push_back(sequence_vectors(static_cast<std::uint32_t>(10 + vectors.size()), length));
      caches.emplace_back(nn::CacheLayout{layers, k_shape.kv_heads, k_shape.head_dim});
    }
  }

  /// The rows [first, first + chunk) of every sequence that is that long; what they put out, by sequence.
  std::vector<std::vector<float>> run(const nn::Program& program, std::size_t chunk = 1000) {
    std::vector<std::vector<float>> outputs(vectors.size());
    const auto pool = make_thread_pool(2);
    nn::Session session({&program, &best_kernels(), pool.get()});
    for (std::size_t first = 0;; first += chunk) {
      std::vector<nn::Row> rows;
      std::vector<nn::BatchSequence> sequences;
      for (std::uint32_t i = 0; i < vectors.size(); ++i) {
        const std::size_t length = vectors[i].size() / k_hidden;
        append_rows(rows, i, vectors[i], std::min(first, length), std::min(first + chunk, length));
        sequences.push_back({.cache = &caches[i], .source = sources.empty() ? nullptr : &sources[i]});
      }
      if (rows.empty()) return outputs;
      EXPECT_EQ(session.run({rows, sequences}), nn::WalkOutcome::finished);
      const bool puts_out = session.has_result("y");
      for (std::size_t row = 0; puts_out && row < rows.size(); ++row) {
        const float* values = row_of(session.result("y"), static_cast<Eigen::Index>(row));
        auto& output = outputs[rows[row].sequence];
        output.insert(output.end(), values, values + k_hidden);
      }
    }
  }

  std::vector<std::vector<float>> vectors;
  std::vector<nn::KvCache> caches;
  std::vector<nn::KvCache> sources;
};

void expect_near(const std::vector<float>& got, const DoubleRows& wanted) {
  ASSERT_EQ(got.size(), wanted.size() * k_hidden);
  double largest = 0;
  for (const auto& row : wanted) {
    for (const double value : row) largest = std::max(largest, std::abs(value));
  }
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_NEAR(got[i], wanted[i / k_hidden][i % k_hidden], 1e-5 * largest) << "row " << i / k_hidden;
  }
}

const std::vector<std::size_t>& mixed_lengths() {
  static const std::vector<std::size_t> lengths = {7, 1, 40, 33, 32, 2};
  return lengths;
}

template <class Norm, class Feed>
void expect_encoders(std::uint32_t seed) {
  Weights weights(seed);
  nn::AttentionOptions options = k_shape;
  options.visibility = nn::Visibility::bidirectional;
  const AttentionReference attention(weights, k_hidden, k_hidden, options);
  const Norm first_norm(weights, k_hidden);
  const Norm second_norm(weights, k_hidden);
  const Feed feed(weights, k_hidden);

  const nn::PostNormEncoderBlock<typename Norm::Block, typename Feed::Block> post{attention.block(), first_norm.block(),
                                                                                  feed.block(), second_norm.block()};
  Batches batch(mixed_lengths());
  const auto post_outputs = batch.run(record([&](nn::Recorder& r, nn::Value x) { return post(r, x); }));
  const nn::PreNormEncoderBlock<typename Norm::Block, typename Feed::Block> pre{first_norm.block(), attention.block(),
                                                                                second_norm.block(), feed.block()};
  Batches again(mixed_lengths());
  const auto pre_outputs = again.run(record([&](nn::Recorder& r, nn::Value x) { return pre(r, x); }));

  for (std::size_t i = 0; i < mixed_lengths().size(); ++i) {
    const DoubleRows x = rows_of(batch.vectors[i]);
    const DoubleRows attended = first_norm(sum_of(x, attention(x, x)));
    expect_near(post_outputs[i], second_norm(sum_of(attended, feed(attended))));
    const DoubleRows normed = first_norm(x);
    const DoubleRows sum = sum_of(x, attention(normed, normed));
    expect_near(pre_outputs[i], sum_of(sum, feed(second_norm(sum))));
  }
}

TEST(EncoderBlock, IsItsFormulaForMixedLengthsWithoutPadding) {
  expect_encoders<LayerNormReference, FeedForwardReference>(1);
  expect_encoders<RmsNormReference, GatedFeedForwardReference>(2);
}

TEST(EncoderBlock, SequencesDoNotSeeEachOther) {
  Weights weights(3);
  nn::AttentionOptions options = k_shape;
  options.visibility = nn::Visibility::bidirectional;
  const AttentionReference attention(weights, k_hidden, k_hidden, options);
  const nn::MultiHeadAttention block = attention.block();
  const nn::Program program = record([&](nn::Recorder& r, nn::Value x) { return block(r, x); });
  Batches together(mixed_lengths());
  const auto outputs = together.run(program);
  for (std::size_t i = 0; i < mixed_lengths().size(); ++i) {
    Batches alone({mixed_lengths()[i]});
    alone.vectors[0] = together.vectors[i];
    EXPECT_TRUE(same_bits(alone.run(program)[0], outputs[i])) << i;
  }
}

template <class Norm, class Feed>
void expect_decoder(std::uint32_t seed, const nn::AttentionOptions& options, double theta) {
  Weights weights(seed);
  const AttentionReference attention(weights, k_hidden, k_hidden, options);
  const Norm first_norm(weights, k_hidden);
  const Norm second_norm(weights, k_hidden);
  const Feed feed(weights, k_hidden);
  const nn::PreNormDecoderBlock<typename Norm::Block, typename Feed::Block> block{first_norm.block(), attention.block(),
                                                                                  second_norm.block(), feed.block()};
  const nn::RotaryEmbedding rotary({.theta = theta == 0 ? 10000 : theta, .rotary_dim = 6});
  const nn::Program program =
      record([&](nn::Recorder& r, nn::Value x) { return theta == 0 ? block(r, x) : block(r, x, rotary(r)); });
  Batches batch(mixed_lengths());
  const auto outputs = batch.run(program);
  Batches chunked(mixed_lengths());
  const auto chunked_outputs = chunked.run(program, 3);
  for (std::size_t i = 0; i < mixed_lengths().size(); ++i) {
    const DoubleRows x = rows_of(batch.vectors[i]);
    const DoubleRows normed = first_norm(x);
    const DoubleRows sum = sum_of(x, attention(normed, normed, theta));
    expect_near(outputs[i], sum_of(sum, feed(second_norm(sum))));
    EXPECT_TRUE(same_bits(outputs[i], chunked_outputs[i]));
  }
}

TEST(DecoderBlock, IsItsFormula) {
  expect_decoder<LayerNormReference, FeedForwardReference>(4, k_shape, 0);
  expect_decoder<RmsNormReference, GatedFeedForwardReference>(5, k_shape, 100);
}

TEST(DecoderBlock, SeesItsWindowAndCapsItsScores) {
  nn::AttentionOptions options = k_shape;
  for (const std::uint32_t window : {1U, 5U, 32U, 33U}) {
    options.window = window;
    expect_decoder<RmsNormReference, GatedFeedForwardReference>(6, options, 100);
  }
  options.softcap = 2;
  expect_decoder<RmsNormReference, GatedFeedForwardReference>(7, options, 100);
}

TEST(DecoderBlock, NormalizesHeadsBeforeTheyAreRotated) {
  Weights weights(9);
  AttentionReference attention(weights, k_hidden, k_hidden, k_shape);
  attention.q_norm.emplace(weights, k_shape.head_dim);
  attention.k_norm.emplace(weights, k_shape.head_dim);
  const nn::MultiHeadAttention block = attention.block();
  const nn::RotaryEmbedding rotary({.theta = 100, .rotary_dim = 6});
  const nn::Program program = record([&](nn::Recorder& r, nn::Value x) { return block(r, x, rotary(r)); });
  Batches batch(mixed_lengths());
  const auto outputs = batch.run(program);
  for (std::size_t i = 0; i < mixed_lengths().size(); ++i) {
    const DoubleRows x = rows_of(batch.vectors[i]);
    expect_near(outputs[i], attention(x, x, 100));
  }
}

TEST(Softcap, IsItsFormula) {
  Batches batch(mixed_lengths());
  const auto outputs = batch.run(record([&](nn::Recorder& r, nn::Value x) { return nn::softcap(r, x, 0.7F); }));
  for (std::size_t i = 0; i < mixed_lengths().size(); ++i) {
    DoubleRows capped = rows_of(batch.vectors[i]);
    for (auto& row : capped) {
      for (double& value : row) value = double{0.7F} * std::tanh(value / double{0.7F});
    }
    expect_near(outputs[i], capped);
  }
}

TEST(CrossDecoderBlock, AttendsToAnEncoderOfAnotherLength) {
  Weights weights(8);
  nn::AttentionOptions cross_options = k_shape;
  cross_options.visibility = nn::Visibility::source;
  const AttentionReference attention(weights, k_hidden, k_hidden, k_shape);
  const AttentionReference cross(weights, k_hidden, k_hidden, cross_options);
  const LayerNormReference norms[] = {{weights, k_hidden}, {weights, k_hidden}, {weights, k_hidden}};
  const FeedForwardReference feed(weights, k_hidden);
  const nn::PostNormCrossDecoderBlock<> post{attention.block(), norms[0].block(), cross.cross_block(),
                                             norms[1].block(),  feed.block(),     norms[2].block()};
  const nn::PreNormCrossDecoderBlock<> pre{norms[0].block(),    attention.block(), norms[1].block(),
                                           cross.cross_block(), norms[2].block(),  feed.block()};

  const std::vector<std::size_t> source_lengths = {5, 64, 1, 70, 31, 9};
  Batches encoded(source_lengths);
  for (std::vector<float>& vectors : encoded.vectors) {
    for (float& value : vectors) value = -0.5F * value;
  }
  nn::Recorder source_recorder({});
  post.cross_attention.store_source(source_recorder, input(source_recorder));
  const nn::Program source_program = std::move(source_recorder).finish();
  encoded.run(source_program);
  for (std::size_t i = 0; i < source_lengths.size(); ++i) EXPECT_EQ(encoded.caches[i].size(), source_lengths[i]);

  const auto decode = [&](const nn::Program& program, std::size_t chunk) {
    Batches batch(mixed_lengths());
    batch.sources = encoded.caches;
    return batch.run(program, chunk);
  };
  const nn::Program post_program = record([&](nn::Recorder& r, nn::Value x) { return post(r, x); });
  EXPECT_EQ(eigenformer_tests::error_of([&] { Batches({3}).run(post_program); }),
            "shape.sequence_cache: sequence 0: expected a source with at least 1 layers of " +
                std::to_string(k_shape.kv_heads) + " key heads of " + std::to_string(k_shape.head_dim) +
                " values, found none; fill a cache by the program of the source's keys and pass it as "
                "BatchSequence::source");
  const nn::Program pre_program = record([&](nn::Recorder& r, nn::Value x) { return pre(r, x); });
  const auto post_outputs = decode(post_program, 1000);
  const auto pre_outputs = decode(pre_program, 1000);
  const auto post_chunked = decode(post_program, 1);
  for (std::size_t i = 0; i < mixed_lengths().size(); ++i) {
    const DoubleRows x = rows_of(Batches(mixed_lengths()).vectors[i]);
    const DoubleRows source = rows_of(encoded.vectors[i]);
    const DoubleRows a = norms[0](sum_of(x, attention(x, x)));
    const DoubleRows b = norms[1](sum_of(a, cross(a, source)));
    expect_near(post_outputs[i], norms[2](sum_of(b, feed(b))));
    const DoubleRows normed = norms[0](x);
    const DoubleRows c = sum_of(x, attention(normed, normed));
    const DoubleRows d = sum_of(c, cross(norms[1](c), source));
    expect_near(pre_outputs[i], sum_of(d, feed(norms[2](d))));
    EXPECT_TRUE(same_bits(post_outputs[i], post_chunked[i])) << i;
  }
}

TEST(AttentionMaps, AreTheChancesOfEachRowAndHead) {
  Weights weights(9);
  const AttentionReference attention(weights, k_hidden, k_hidden, k_shape);
  const nn::MultiHeadAttention block = attention.block();
  constexpr std::size_t k_slots = 40;
  nn::Recorder r({.keep = [](std::string_view name) { return name == "attentions.0"; }, .watched_slots = k_slots});
  r.output("y", block(r, input(r)));
  const nn::Program program = std::move(r).finish();
  Batches batch({7, 40, 33});
  std::vector<nn::Row> rows;
  std::vector<nn::BatchSequence> sequences;
  for (std::uint32_t i = 0; i < 3; ++i) {
    append_rows(rows, i, batch.vectors[i], 0, batch.vectors[i].size() / k_hidden);
    sequences.push_back({.cache = &batch.caches[i]});
  }
  std::vector<float> maps;
  SequentialExecutor executor({0});
  nn::Session session({&program, &best_kernels(), &executor});
  session.run({rows, sequences}, {}, [&](std::string_view, const ConstMatrixView& values) { maps = copy_of(values); });
  ASSERT_EQ(maps.size(), rows.size() * k_shape.heads * k_slots);
  const float* row_maps = maps.data();
  for (std::size_t i = 0; i < 3; ++i) {
    const DoubleRows x = rows_of(batch.vectors[i]);
    const auto wanted = attention.chances(attention.q_proj(x), attention.k_proj(x));
    for (std::size_t row = 0; row < x.size(); ++row, row_maps += k_shape.heads * k_slots) {
      for (std::size_t head = 0; head < k_shape.heads; ++head) {
        for (std::size_t slot = 0; slot < k_slots; ++slot) {
          const double chance = slot < x.size() ? wanted[head][row][slot] : 0;
          ASSERT_NEAR(row_maps[head * k_slots + slot], chance, 2e-6) << i << " " << row << " " << head << " " << slot;
        }
      }
    }
  }
}

TEST(SinusoidalPositions, AreAddedByPosition) {
  const nn::Program program = record([](nn::Recorder& r, nn::Value x) { return nn::add_sinusoidal_positions(r, x); });
  Batches batch({5, 3});
  const auto outputs = batch.run(program, 2);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t row = 0; row * k_hidden < outputs[i].size(); ++row) {
      std::vector<float> position(k_hidden);
      ops::sinusoidal_position(static_cast<std::int32_t>(row), position);
      for (std::size_t d = 0; d < k_hidden; ++d) {
        EXPECT_EQ(outputs[i][row * k_hidden + d], batch.vectors[i][row * k_hidden + d] + position[d]);
      }
    }
  }
}

}  // namespace
}  // namespace eigenformer
