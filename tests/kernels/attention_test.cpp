// Attention over cache tiles: against the scalar truth, double precision, cases by hand, and in other groupings.
#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>

#include "tests/kernels/support.hpp"

namespace {

using namespace kernel_tests;
using kernels::AttentionQuery;
using kernels::AttentionTask;
using kernels::CacheType;

/// Keys and values of some slots in cache tiles. Slots that were never stored hold NaN: nobody may look at them.
class Cache {
 public:
  Cache(CacheType type, std::size_t head_dim, std::size_t slots)
      : type_(type), head_dim_(head_dim), slots_(slots), keys_(slots * head_dim), values_(slots * head_dim) {
    const std::size_t bytes = kernels::cache_tile_bytes(type, head_dim);
    for (std::size_t tile = 0; tile * 32 < slots; ++tile) {
      key_memory_.push_back(std::make_unique<MisalignedBytes>(bytes));
      value_memory_.push_back(std::make_unique<MisalignedBytes>(bytes));
      for (MisalignedBytes* memory : {key_memory_.back().get(), value_memory_.back().get()}) {
        std::memset(memory->data(), 0xFF, bytes);
      }
      key_tiles_.push_back(key_memory_.back()->data());
      value_tiles_.push_back(value_memory_.back()->data());
    }
  }

  void store(std::size_t slot, const float* key, const float* value) {
    kernels::k_scalar_table.store_in_cache(
        {type_, key, value, key_memory_[slot / 32]->data(), value_memory_[slot / 32]->data(), slot % 32, head_dim_});
    for (std::size_t d = 0; d < head_dim_; ++d) {
      keys_[slot * head_dim_ + d] = rounded(key, d);
      values_[slot * head_dim_ + d] = rounded(value, d);
    }
  }
  void fill(Random& random, float range = 1.0F) {
    for (std::size_t slot = 0; slot < slots_; ++slot) {
      std::vector<float> key = random.values(head_dim_);
      for (float& element : key) element *= range;
      store(slot, key.data(), random.values(head_dim_).data());
    }
  }

  AttentionTask task(const std::vector<AttentionQuery>& queries, float scale) {
    scratch_.assign(kernels::attention_scratch_floats(head_dim_), 0.0F);
    return {.type = type_,
            .key_tiles = key_tiles_.data(),
            .value_tiles = value_tiles_.data(),
            .head_dim = head_dim_,
            .queries = queries.data(),
            .query_count = queries.size(),
            .scale = scale,
            .softcap = 0.0F,
            .scratch = scratch_.data()};
  }
  /// Element d as the cache gives it back; int8: to the nearest multiple of a 127th of its block's largest magnitude.
  float rounded(const float* vector, std::size_t d) const {
    if (type_ == CacheType::f32) return vector[d];
    if (type_ == CacheType::f16) return ef::float_from_half(ef::half_from_float_saturating(vector[d]));
    const std::size_t first = d / 32 * 32;
    float largest = 0;
    for (std::size_t i = first; i < std::min(first + 32, head_dim_); ++i) {
      largest = std::max(largest, std::abs(vector[i]));
    }
    if (largest < 0x1p-100F) return 0;
    return std::nearbyint(vector[d] * (127.0F / largest)) * (largest / 127.0F);
  }
  const float* key(std::size_t slot) const { return keys_.data() + slot * head_dim_; }
  const float* value(std::size_t slot) const { return values_.data() + slot * head_dim_; }
  std::size_t head_dim() const { return head_dim_; }

 private:
  CacheType type_;
  std::size_t head_dim_, slots_;
  std::vector<float> keys_, values_;
  std::vector<std::unique_ptr<MisalignedBytes>> key_memory_, value_memory_;
  std::vector<const std::byte*> key_tiles_, value_tiles_;
  std::vector<float> scratch_;
};

class Attention : public EachInstructionSet {};
INSTANTIATE_TEST_SUITE_P(, Attention, ::testing::ValuesIn(kernels::available_instruction_sets()), set_name);

constexpr CacheType k_types[] = {CacheType::f32, CacheType::f16, CacheType::int8};

bool sees(const AttentionQuery& query, std::size_t slot) {
  if (slot < query.first_slot || slot >= query.end_slot) return false;
  return query.visible_slots == nullptr || (query.visible_slots[slot / 32] >> (slot % 32) & 1U) != 0;
}

/// softmax(scale q k + bias) v in double precision.
std::vector<double> reference(const Cache& cache, const AttentionTask& task, const AttentionQuery& query) {
  std::vector<double> scores;
  std::vector<std::size_t> slots;
  for (std::size_t slot = 0; slot < query.end_slot; ++slot) {
    if (!sees(query, slot)) continue;
    double score = 0;
    for (std::size_t d = 0; d < cache.head_dim(); ++d) {
      score += static_cast<double>(query.query[d]) * cache.key(slot)[d];
    }
    score *= task.scale;
    if (task.softcap != 0) score = task.softcap * std::tanh(score / task.softcap);
    if (query.bias != nullptr) score += query.bias[slot];
    scores.push_back(score);
    slots.push_back(slot);
  }
  std::vector<double> output(cache.head_dim(), 0.0);
  if (scores.empty()) return output;
  const double maximum = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& score : scores) sum += score = std::exp(score - maximum);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    for (std::size_t d = 0; d < cache.head_dim(); ++d) output[d] += scores[i] / sum * cache.value(slots[i])[d];
  }
  return output;
}

/// Many queries over one cache, each with what it may see.
struct Scene {
  Scene(std::size_t head_dim, std::size_t count, Random& random, float range = 1.0F)
      : query_values(random.values(count * head_dim)), outputs(count * head_dim) {
    for (float& value : query_values) value *= range;
    for (std::size_t q = 0; q < count; ++q) {
      queries.push_back({.query = query_values.data() + q * head_dim,
                         .output = outputs.data() + q * head_dim,
                         .first_slot = 0,
                         .end_slot = 0,
                         .visible_slots = nullptr,
                         .bias = nullptr});
    }
  }
  std::vector<float> query_values;
  MisalignedFloats outputs;
  std::vector<AttentionQuery> queries;
  std::vector<std::vector<std::uint32_t>> words;
  std::vector<std::vector<float>> biases;
};

/// Random windows, bits and biases, each exactly as long as the contract promises.
void restrict(Scene& scene, std::size_t slots, Random& random) {
  scene.words.reserve(scene.queries.size());
  scene.biases.reserve(scene.queries.size());
  for (AttentionQuery& query : scene.queries) {
    query.end_slot = static_cast<std::uint32_t>(random.between(0, static_cast<int>(slots)));
    query.first_slot = random.between(0, 1) == 0 ? 0 : static_cast<std::uint32_t>(random.between(0, 40));
    if (random.between(0, 2) == 0) {
      std::vector<std::uint32_t> words((query.end_slot + 31) / 32);
      for (std::uint32_t& word : words) word = static_cast<std::uint32_t>(random.bits() & random.bits());
      if (!words.empty()) words.back() = random.between(0, 1) == 0 ? 0U : words.back();
      scene.words.push_back(words);
      query.visible_slots = scene.words.back().data();
    }
    if (random.between(0, 2) == 0) {
      scene.biases.push_back(random.values(query.end_slot));
      query.bias = scene.biases.back().data();
    }
  }
}

TEST_P(Attention, EqualsTheScalarTruth) {
  Random random(1);
  for (const CacheType type : k_types) {
    for (const std::size_t head_dim : {1U, 3U, 8U, 13U, 32U, 40U, 63U, 64U, 80U, 96U}) {
      for (const std::size_t slots : {1U, 31U, 32U, 33U, 100U}) {
        for (const std::size_t count : {1U, 2U, 3U, 4U, 7U, 12U, 13U, 26U}) {
          Cache cache(type, head_dim, slots);
          cache.fill(random, random.between(0, 3) == 0 ? 100.0F : 1.0F);
          Scene scene(head_dim, count, random);
          restrict(scene, slots, random);
          AttentionTask task = cache.task(scene.queries, 0.3F);
          task.softcap = random.between(0, 2) == 0 ? 5.0F : 0.0F;
          truth().attend(task);
          const std::vector<float> expected(scene.outputs.data(), scene.outputs.data() + count * head_dim);
          for (std::size_t i = 0; i < count * head_dim; ++i) scene.outputs[i] = 777.0F;
          table().attend(task);
          ASSERT_TRUE(same_bits(scene.outputs.data(), expected.data(), count * head_dim))
              << "head_dim " << head_dim << " slots " << slots << " queries " << count;
        }
      }
    }
  }
}

TEST_P(Attention, DoesNotDependOnWhichQueriesGoTogether) {
  Random random(2);
  for (const CacheType type : k_types) {
    Cache cache(type, 64, 200);
    cache.fill(random);
    Scene scene(64, 29, random);
    restrict(scene, 200, random);
    table().attend(cache.task(scene.queries, 0.125F));
    const std::vector<float> together(scene.outputs.data(), scene.outputs.data() + 29 * 64);
    for (const AttentionQuery& query : scene.queries) table().attend(cache.task({query}, 0.125F));
    ASSERT_TRUE(same_bits(scene.outputs.data(), together.data(), together.size()));
  }
}

TEST_P(Attention, AgreesWithDoublePrecision) {
  Random random(3);
  for (const CacheType type : k_types) {
    for (const float softcap : {0.0F, 3.0F}) {
      Cache cache(type, 48, 150);
      cache.fill(random);
      Scene scene(48, 20, random);
      restrict(scene, 150, random);
      AttentionTask task = cache.task(scene.queries, 0.144F);
      task.softcap = softcap;
      table().attend(task);
      for (const AttentionQuery& query : scene.queries) {
        const std::vector<double> expected = reference(cache, task, query);
        for (std::size_t d = 0; d < 48; ++d) EXPECT_NEAR(query.output[d], expected[d], 4e-6);
      }
    }
  }
}

/// Half of what is between two codes in the block of element d: no element of it moves farther.
double half_step(const Cache& exact, const float* vector, std::size_t d) {
  float largest = 0;
  for (std::size_t i = d / 32 * 32; i < std::min(d / 32 * 32 + 32, exact.head_dim()); ++i) {
    largest = std::max(largest, std::abs(vector[i]));
  }
  return largest / 254.0;
}

// A score moves by no more than e = scale * sum |q_d| * half a step; so a chance by a factor of e^(2 e) at most, the
// sum of all changes of chances is below e^(2 e) - 1, and values move by half a step.
TEST_P(Attention, CodesStayWithinHalfAStep) {
  Random random(8);
  for (const std::size_t head_dim : {16U, 48U, 64U}) {
    Cache codes(CacheType::int8, head_dim, 120), exact(CacheType::f32, head_dim, 120);
    for (std::size_t slot = 0; slot < 120; ++slot) {
      const std::vector<float> key = random.values(head_dim), value = random.values(head_dim);
      codes.store(slot, key.data(), value.data());
      exact.store(slot, key.data(), value.data());
    }
    Scene scene(head_dim, 9, random);
    for (AttentionQuery& query : scene.queries) query.end_slot = 120;
    const AttentionTask task = codes.task(scene.queries, 0.2F);
    table().attend(task);
    for (const AttentionQuery& query : scene.queries) {
      double moved = 0, step = 0, largest = 0;
      for (std::size_t slot = 0; slot < 120; ++slot) {
        double score = 0;
        for (std::size_t d = 0; d < head_dim; ++d) {
          score += task.scale * std::abs(query.query[d]) * half_step(exact, exact.key(slot), d);
          step = std::max(step, half_step(exact, exact.value(slot), d));
          largest = std::max<double>(largest, std::abs(exact.value(slot)[d]));
        }
        moved = std::max(moved, score);
      }
      const double bound = std::expm1(2 * moved) * largest + step + 4e-6;
      const std::vector<double> wanted = reference(exact, task, query);
      for (std::size_t d = 0; d < head_dim; ++d) EXPECT_NEAR(query.output[d], wanted[d], bound);
    }
  }
}

// Blocks whose largest magnitudes are far apart have scales of their own; one below 2^-100 is zeros.
TEST_P(Attention, BlocksHaveTheirOwnScales) {
  Cache cache(CacheType::int8, 70, 1);
  std::vector<float> key(70, 0.0F), value(70);
  for (std::size_t d = 0; d < 70; ++d) {
    value[d] = d < 32 ? 1e6F * static_cast<float>(d + 1) : d < 64 ? 1e-6F * static_cast<float>(d) : 0x1p-101F;
  }
  cache.store(0, key.data(), value.data());
  std::vector<float> output(70);
  table().attend(cache.task({{key.data(), output.data(), 0, 1, nullptr, nullptr}}, 1.0F));
  for (std::size_t d = 0; d < 64; ++d) EXPECT_NEAR(output[d], value[d], d < 32 ? 32e6 / 254 : 63e-6 / 254);
  for (std::size_t d = 64; d < 70; ++d) EXPECT_EQ(output[d], 0.0F);
}

TEST_P(Attention, WhatIsNotFiniteDoesNotGoUnnoticed) {
  for (const bool in_key : {true, false}) {
    Cache cache(CacheType::int8, 40, 3);
    std::vector<float> good(40, 1.0F), bad = good;
    bad[35] = std::numeric_limits<float>::infinity();
    cache.store(0, good.data(), good.data());
    cache.store(1, in_key ? bad.data() : good.data(), in_key ? good.data() : bad.data());
    std::vector<float> output(40);
    table().attend(cache.task({{good.data(), output.data(), 0, 2, nullptr, nullptr}}, 1.0F));
    EXPECT_TRUE(std::isnan(output[35]));
  }
}

// q = (1, 0), keys (ln 3, 0) and (0, 5), values (4, 0) and (0, 8): chances 3/4 and 1/4, result (3, 2).
TEST_P(Attention, TwoByTwoByHand) {
  for (const CacheType type : k_types) {
    Cache cache(type, 2, 2);
    const float keys[2][2] = {{1.0986123F, 0.0F}, {0.0F, 5.0F}};
    const float values[2][2] = {{4.0F, 0.0F}, {0.0F, 8.0F}};
    for (std::size_t slot = 0; slot < 2; ++slot) cache.store(slot, keys[slot], values[slot]);
    const float query[2] = {1.0F, 0.0F};
    float output[2];
    table().attend(cache.task({{query, output, 0, 2, nullptr, nullptr}}, 1.0F));
    EXPECT_NEAR(output[0], 3.0, type == CacheType::f16 ? 1e-3 : 2e-6);
    EXPECT_NEAR(output[1], 2.0, type == CacheType::f16 ? 1e-3 : 2e-6);
    table().attend(cache.task({{query, output, 0, 1, nullptr, nullptr}}, 1.0F));
    EXPECT_EQ(output[0], 4.0F);  // one key alone: its value, exactly
    EXPECT_EQ(output[1], 0.0F);
    const std::uint32_t second_only = 2;
    table().attend(cache.task({{query, output, 0, 2, &second_only, nullptr}}, 1.0F));
    EXPECT_EQ(output[0], 0.0F);
    EXPECT_EQ(output[1], 8.0F);
  }
}

TEST_P(Attention, ARowThatSeesNothingIsZero) {
  Random random(4);
  Cache cache(CacheType::f16, 16, 64);
  cache.fill(random);
  Scene scene(16, 4, random);
  const std::uint32_t nothing[2] = {0, 0};
  scene.queries[0].end_slot = 0;
  scene.queries[1].first_slot = 20, scene.queries[1].end_slot = 20;
  scene.queries[2].end_slot = 64, scene.queries[2].visible_slots = nothing;
  scene.queries[3].end_slot = 64;
  table().attend(cache.task(scene.queries, 1.0F));
  for (std::size_t i = 0; i < 48; ++i) EXPECT_EQ(scene.outputs[i], 0.0F);
  EXPECT_NE(scene.outputs[48], 0.0F);
}

// Slots that were never written hold NaN in this cache; a window, bits and an end in mid-tile must keep them out.
TEST_P(Attention, NeverLooksAtUnseenSlots) {
  Random random(5);
  Cache cache(CacheType::f16, 24, 96);
  for (std::size_t slot = 40; slot < 70; ++slot) {
    cache.store(slot, random.values(24).data(), random.values(24).data());
  }
  Scene scene(24, 2, random);
  for (AttentionQuery& query : scene.queries) query.first_slot = 40, query.end_slot = 70;
  table().attend(cache.task(scene.queries, 1.0F));
  for (std::size_t i = 0; i < 48; ++i) EXPECT_TRUE(std::isfinite(scene.outputs[i]));
}

TEST_P(Attention, PermutedKeysGiveTheSameWithinRounding) {
  Random random(6);
  Cache cache(CacheType::f32, 32, 90);
  cache.fill(random);
  Cache shuffled(CacheType::f32, 32, 90);
  std::vector<std::size_t> order(90);
  std::iota(order.begin(), order.end(), 0U);
  for (std::size_t i = 89; i > 0; --i) std::swap(order[i], order[random.bits() % (i + 1)]);
  for (std::size_t slot = 0; slot < 90; ++slot) shuffled.store(slot, cache.key(order[slot]), cache.value(order[slot]));
  Scene scene(32, 3, random);
  for (AttentionQuery& query : scene.queries) query.end_slot = 90;
  table().attend(cache.task(scene.queries, 0.2F));
  const std::vector<float> expected(scene.outputs.data(), scene.outputs.data() + 96);
  table().attend(shuffled.task(scene.queries, 0.2F));
  for (std::size_t i = 0; i < 96; ++i) EXPECT_NEAR(scene.outputs[i], expected[i], 2e-6);
}

TEST_P(Attention, ExtremeScoresChooseOneKey) {
  for (const float height : {1e4F, -1e4F}) {
    Cache cache(CacheType::f32, 2, 70);
    for (std::size_t slot = 0; slot < 70; ++slot) {
      const float key[2] = {slot == 50 ? height : -height, 0.0F};
      const float value[2] = {static_cast<float>(slot), 1.0F};
      cache.store(slot, key, value);
    }
    const float query[2] = {1.0F, 0.0F};
    float output[2];
    table().attend(cache.task({{query, output, 0, 70, nullptr, nullptr}}, 1.0F));
    EXPECT_EQ(output[1], 1.0F);
    EXPECT_NEAR(output[0], height > 0 ? 50.0 : (69.0 * 70 / 2 - 50) / 69, height > 0 ? 0.0 : 1e-5);
  }
}

// Adding one number to all scores changes no chance; a bias of -1e4 on all keys but one chooses that key.
TEST_P(Attention, BiasMovesTheChances) {
  Random random(7);
  Cache cache(CacheType::f32, 16, 50);
  cache.fill(random);
  Scene scene(16, 2, random);
  std::vector<float> same(50, 3.0F);
  std::vector<float> one(50, -1e4F);
  one[33] = 0.0F;
  scene.queries[0].end_slot = 50, scene.queries[0].bias = same.data();
  scene.queries[1].end_slot = 50, scene.queries[1].bias = one.data();
  const AttentionTask task = cache.task(scene.queries, 0.25F);
  table().attend(task);
  AttentionQuery without = scene.queries[0];
  without.bias = nullptr;
  const std::vector<double> expected = reference(cache, task, without);
  for (std::size_t d = 0; d < 16; ++d) EXPECT_NEAR(scene.outputs[d], expected[d], 2e-6);
  for (std::size_t d = 0; d < 16; ++d) EXPECT_EQ(scene.outputs[16 + d], cache.value(33)[d]);
}

TEST_P(Attention, HalvesSaturateAndComeBack) {
  Cache cache(CacheType::f16, 2, 1);
  const float key[2] = {1e9F, 1.0F};
  const float value[2] = {-1e9F, 0.1F};
  cache.store(0, key, value);
  const float query[2] = {1.0F, 1.0F};
  float output[2];
  table().attend(cache.task({{query, output, 0, 1, nullptr, nullptr}}, 1.0F));
  EXPECT_EQ(output[0], -65504.0F);
  EXPECT_EQ(output[1], ef::float_from_half(ef::half_from_float_saturating(0.1F)));
}

}  // namespace
