// Attention by relative positions and segments, over a memory and by two streams, against double precision and plain
// loops.
#include "eigenformer/nn/relative_attention.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <utility>

#include "eigenformer/nn/input_vectors.hpp"
#include "eigenformer/nn/positions/half_sinusoidal.hpp"
#include "eigenformer/nn/session.hpp"
#include "eigenformer/nn/two_streams.hpp"
#include "tests/nn/double_reference.hpp"
#include "tests/nn/tiny_decoder.hpp"

namespace eigenformer {
namespace {

using namespace testing_nn;

constexpr std::size_t k_heads = 3;
constexpr std::size_t k_head_dim = 5;
constexpr std::size_t k_width = k_heads * k_head_dim;
constexpr std::int32_t k_clamp = 19;

/// The block and, from the same weights, what it should compute.
struct Reference {
  Weights weights{33};
  LinearReference q{weights, k_width, k_hidden}, k{weights, k_width, k_hidden}, v{weights, k_width, k_hidden};
  LinearReference r{weights, k_width, k_hidden}, o{weights, k_hidden, k_width};
  nn::RelativeVectors vectors{weights.vector(k_width), weights.vector(k_width), weights.vector(k_width),
                              weights.vector(k_width), weights.vector(k_width)};

  nn::RelativeAttention block(nn::Visibility visibility) const {
    return nn::RelativeAttention(
        {.q_proj = q.layer(),
         .k_proj = k.layer(),
         .v_proj = v.layer(),
         .r_proj = r.layer(),
         .o_proj = o.layer(),
         .vectors = vectors,
         .options = {
             .heads = k_heads, .kv_heads = k_heads, .head_dim = k_head_dim, .scale = 0.6F, .visibility = visibility}});
  }

  /// r of a distance, held between -k_clamp and k_clamp.
  std::vector<double> distance_key(int distance) const {
    const double held = std::min(std::max(distance, -k_clamp), k_clamp);
    std::vector<double> sinusoids(k_hidden);
    for (std::size_t i = 0; i < k_hidden / 2; ++i) {
      const double angle = held / std::pow(10000.0, 2.0 * static_cast<double>(i) / k_hidden);
      sinusoids[i] = std::sin(angle);
      sinusoids[k_hidden / 2 + i] = std::cos(angle);
    }
    return r({sinusoids})[0];
  }
};

/// A segment's inputs; its memory is the segments before it.
struct TestSegment {
  std::size_t length = 0;
  std::vector<std::int32_t> types = {};
  std::vector<std::uint8_t> hidden = {};
  std::vector<std::size_t> targets = {};
};

/// Of one seeing row: what its scores are made of, summed up.
struct Row {
  std::size_t place;  ///< of the row in its segment
  bool is_query;
  std::int32_t type;
};

bool sees(const TestSegment& segment, const nn::SegmentRules& rules, const Row& row, std::size_t memory,
          std::size_t slot) {
  if (rules.is_causal && rules.keeps_span && slot < row.place) return false;
  if (slot < memory) return true;
  const std::size_t place = slot - memory;
  if (!row.is_query && place == row.place) return true;
  if (rules.is_causal && place > row.place) return false;
  return segment.hidden.empty() || segment.hidden[row.place * segment.length + place] == 0;
}

/// One row's output: [hidden].
std::vector<double> attended(const Reference& of, const TestSegment& segment, const nn::SegmentRules& rules,
                             const Row& row, const std::vector<double>& x, const DoubleRows& keys,
                             const DoubleRows& values) {
  const std::vector<double> query = of.q({x})[0];
  const std::size_t memory = keys.size() - segment.length;
  bool is_blind = true;
  for (std::size_t slot = 0; slot < keys.size(); ++slot) is_blind &= !sees(segment, rules, row, memory, slot);
  std::vector<double> heads(k_width, 0.0);
  for (std::size_t head = 0; head < k_heads; ++head) {
    double sum = 0;
    for (std::size_t slot = 0; slot < keys.size(); ++slot) {
      if (!is_blind && !sees(segment, rules, row, memory, slot)) continue;
      const auto place = static_cast<int>(memory + row.place);
      const std::vector<double> relative = of.distance_key(place - static_cast<int>(slot));
      const std::int32_t type = slot < memory || segment.types.empty() ? 0 : segment.types[slot - memory];
      const auto& segment_key = type == row.type ? of.vectors.same_segment : of.vectors.other_segment;
      double score = 0;
      for (std::size_t d = head * k_head_dim; d < (head + 1) * k_head_dim; ++d) {
        score += (query[d] + of.vectors.content_bias[d]) * keys[slot][d];
        score += (query[d] + of.vectors.position_bias[d]) * relative[d];
        score += (query[d] + of.vectors.segment_bias[d]) * segment_key[d];
      }
      const double chance = is_blind ? 1.0 : std::exp(0.6 * score);
      sum += chance;
      for (std::size_t d = head * k_head_dim; d < (head + 1) * k_head_dim; ++d) heads[d] += chance * values[slot][d];
    }
    for (std::size_t d = head * k_head_dim; d < (head + 1) * k_head_dim; ++d) heads[d] /= sum;
  }
  return of.o({heads})[0];
}

nn::Program record(const nn::RelativeAttention& block, const nn::HalfSinusoidal& positions) {
  nn::Recorder recorder({});
  const nn::Value x = nn::input_vectors(recorder, k_hidden);
  const nn::Value sinusoids = positions.of_distances(recorder, k_clamp);
  recorder.output("y", block(recorder, x, sinusoids));
  return std::move(recorder).finish();
}

/// The segments one after another over one cache, each row against the loops above.
void expect_attention(const std::vector<TestSegment>& segments, const nn::SegmentRules& rules) {
  const Reference reference;
  const nn::Visibility causal = rules.keeps_span ? nn::Visibility::causal_span : nn::Visibility::causal;
  const nn::RelativeAttention block = reference.block(rules.is_causal ? causal : nn::Visibility::bidirectional);
  const nn::HalfSinusoidal positions = nn::HalfSinusoidal::of_the_paper(k_hidden);
  const nn::Program program = record(block, positions);
  const auto pool = make_thread_pool(2);
  nn::Session session({&program, &best_kernels(), pool.get()});
  nn::KvCache cache({1, k_heads, k_head_dim});
  const nn::BatchSequence sequence{.cache = &cache};
  DoubleRows keys, values;  // of every token so far
  std::uint32_t seed = 60;
  for (const TestSegment& segment : segments) {
    const std::vector<std::int32_t> tokens(segment.length, 0);
    const nn::SegmentRows made({.tokens = tokens,
                                .token_types = segment.types,
                                .hidden = segment.hidden,
                                .targets = segment.targets,
                                .memory = cache.size()},
                               rules);
    std::vector<nn::Row> rows(made.rows().begin(), made.rows().end());
    const std::vector<float> vectors = sequence_vectors(seed++, rows.size());
    DoubleRows x;
    for (std::size_t index = 0; index < rows.size(); ++index) {
      rows[index].vector = vectors.data() + index * k_hidden;
      x.emplace_back(rows[index].vector, rows[index].vector + k_hidden);
    }
    const DoubleRows content(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(segment.length));
    for (auto& key : reference.k(content)) keys.push_back(std::move(key));
    for (auto& value : reference.v(content)) values.push_back(std::move(value));
    session.run({rows, {&sequence, 1}});
    for (std::size_t index = 0; index < rows.size(); ++index) {
      const bool is_query = index >= segment.length;
      const std::size_t place = is_query ? segment.targets[index - segment.length] : index;
      const Row row{place, is_query, segment.types.empty() ? 0 : segment.types[place]};
      const std::vector<double> wanted = attended(reference, segment, rules, row, x[index], keys, values);
      for (std::size_t i = 0; i < k_hidden; ++i) {
        ASSERT_NEAR(row_of(session.result("y"), static_cast<Eigen::Index>(index))[i], wanted[i], 2e-5)
            << "segment " << seed - 61 << ", row " << index;
      }
    }
  }
}

std::vector<std::int32_t> types_of(std::size_t length) {
  std::vector<std::int32_t> types(length);
  for (std::size_t i = 0; i < length; ++i) types[i] = static_cast<std::int32_t>(i * i % 3);
  return types;
}

/// Whether token i must not see token j: places in an order that leaps through the segment.
std::vector<std::uint8_t> hidden_of(std::size_t length) {
  std::vector<std::uint8_t> hidden(length * length);
  const auto rank = [length](std::size_t place) { return place * 7 % length; };  // 7 shares no divisor with the lengths
  for (std::size_t i = 0; i < length; ++i) {
    for (std::size_t j = 0; j < length; ++j) hidden[i * length + j] = rank(j) >= rank(i);
  }
  return hidden;
}

TEST(RelativeAttention, SeesWholeSegments) {
  for (const std::size_t length : {1U, 15U, 33U, 75U}) expect_attention({{length, types_of(length)}}, {});
}

TEST(RelativeAttention, RemembersEarlierSegmentsAsSegmentZero) {
  expect_attention({{30, types_of(30)}, {3, {2, 0, 1}}, {41}}, {});
}

TEST(RelativeAttention, OfCausalModelsLooksBackOnly) {
  expect_attention({{33, types_of(33)}, {9, types_of(9)}}, {.is_causal = true});
  expect_attention({{33, types_of(33)}, {40, types_of(40)}}, {.is_causal = true, .keeps_span = true});
}

TEST(RelativeAttention, OfTheQueryStreamDoesNotSeeItsOwnTokens) {
  const std::vector<std::size_t> targets{4, 0, 30};  // place 0 is first in the order and sees nothing
  expect_attention({{31, types_of(31), hidden_of(31), targets}}, {});
  expect_attention({{31, {}, hidden_of(31), targets}, {5, types_of(5), hidden_of(5), {3, 0}}}, {});
  expect_attention({{31, {}, {}, targets}, {8, {}, {}, {7}}}, {});
  expect_attention({{31, {}, hidden_of(31), targets}, {8, {}, {}, {7}}}, {.is_causal = true});
  expect_attention({{31, {}, {}, targets}, {8, {}, {}, {7, 1}}, {41, {}, hidden_of(41), {0, 40}}},
                   {.is_causal = true, .keeps_span = true});
}

TEST(SegmentRows, MarksWhatSeesNothing) {
  const std::vector<std::int32_t> tokens(31, 5);
  const std::vector<std::uint8_t> hidden = hidden_of(31);
  const std::vector<std::size_t> targets{4, 0};
  const nn::SegmentRows segment({.tokens = tokens, .hidden = hidden, .targets = targets}, {});
  ASSERT_EQ(segment.rows().size(), 33U);
  EXPECT_FALSE(segment.rows()[0].attends_evenly);  // a token sees itself
  EXPECT_FALSE(segment.rows()[31].attends_evenly);
  EXPECT_TRUE(segment.rows()[32].attends_evenly);
  EXPECT_EQ(segment.rows()[32].position, 0);
  EXPECT_EQ(segment.rows()[32].slot, 32U);
  EXPECT_FALSE(segment.rows()[32].stores_keys);
  EXPECT_TRUE(segment.rows()[32].wants_output);
  EXPECT_FALSE(segment.rows()[0].wants_output);
}

TEST(SegmentRows, NeedNoWordsWhereNothingIsHidden) {
  const std::vector<std::int32_t> tokens{1, 2, 3};
  const nn::SegmentRows segment({.tokens = tokens, .memory = 40}, {});
  for (const nn::Row& row : segment.rows()) EXPECT_EQ(row.visible_slots, nullptr);
  EXPECT_EQ(segment.rows()[2].slot, 42U);
  EXPECT_EQ(segment.rows()[2].position, 42);
}

}  // namespace
}  // namespace eigenformer
