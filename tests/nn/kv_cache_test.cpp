// The cache's pages: what is shared, what is copied, what it costs.
#include "eigenformer/nn/kv_cache.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <thread>
#include <vector>

#include "eigenformer/kernels/scalar_table.hpp"

namespace eigenformer {
namespace {

using nn::CacheHead;
using nn::CacheLayout;
using nn::CacheType;
using nn::KvCache;

constexpr CacheLayout k_layout{.layers = 2, .kv_heads = 3, .head_dim = 5, .type = kernels::CacheType::f32};
constexpr std::size_t k_tile_bytes = 5 * 32 * 4;
constexpr std::size_t k_page_bytes = 2 * 2 * 3 * k_tile_bytes;

/// Fills the slots size() .. end - 1 of every head with a number.
void append(KvCache& cache, std::size_t end, float number) {
  cache.prepare(end);
  for (std::size_t slot = cache.size(); slot < end; ++slot) {
    for (std::size_t layer = 0; layer < k_layout.layers; ++layer) {
      for (std::size_t head = 0; head < k_layout.kv_heads; ++head) {
        auto* keys = reinterpret_cast<float*>(cache.key_tile(slot / 32, {layer, head}));
        auto* values = reinterpret_cast<float*>(cache.value_tile(slot / 32, {layer, head}));
        for (std::size_t d = 0; d < k_layout.head_dim; ++d) {
          keys[d * 32 + slot % 32] = number;
          values[slot % 32 * k_layout.head_dim + d] = -number;
        }
      }
    }
  }
  cache.commit(end);
}

float key(const KvCache& cache, std::size_t slot) {
  return reinterpret_cast<const float*>(cache.key_tile(slot / 32, {1, 2}))[4 * 32 + slot % 32];
}
float value(const KvCache& cache, std::size_t slot) {
  return reinterpret_cast<const float*>(cache.value_tile(slot / 32, {1, 2}))[slot % 32 * 5 + 4];
}

TEST(CacheLayout, TellsWhatTokensCost) {
  EXPECT_EQ(k_layout.tile_bytes(), k_tile_bytes);
  EXPECT_EQ(k_layout.page_bytes(), k_page_bytes);
  EXPECT_EQ(k_layout.cache_bytes(0), 0U);
  EXPECT_EQ(k_layout.cache_bytes(1), k_page_bytes);
  EXPECT_EQ(k_layout.cache_bytes(32), k_page_bytes);
  EXPECT_EQ(k_layout.cache_bytes(33), 2 * k_page_bytes);
  CacheLayout half = k_layout;
  half.type = kernels::CacheType::f16;
  EXPECT_EQ(half.cache_bytes(33), k_page_bytes);
  // Codes, and a scale for each 32 of them or the rest.
  EXPECT_EQ((CacheLayout{.layers = 1, .kv_heads = 1, .head_dim = 64, .type = CacheType::int8}).cache_bytes(1),
            2U * 32U * (64U + 2U * 4U));
  EXPECT_EQ((CacheLayout{.layers = 1, .kv_heads = 1, .head_dim = 33, .type = CacheType::int8}).cache_bytes(1),
            2U * 32U * (33U + 2U * 4U));
}

TEST(KvCache, GrowsAsItIsUsed) {
  KvCache cache(k_layout);
  EXPECT_EQ(cache.bytes(), 0U);
  EXPECT_EQ(cache.size(), 0U);
  append(cache, 1, 1);
  EXPECT_EQ(cache.bytes(), k_page_bytes);
  append(cache, 32, 2);
  EXPECT_EQ(cache.bytes(), k_page_bytes);
  append(cache, 33, 3);
  EXPECT_EQ(cache.bytes(), 2 * k_page_bytes);
  EXPECT_EQ(cache.size(), 33U);
  EXPECT_EQ(cache.tiles(), 2U);
  EXPECT_EQ(key(cache, 0), 1);
  EXPECT_EQ(key(cache, 31), 2);
  EXPECT_EQ(key(cache, 32), 3);
  EXPECT_EQ(value(cache, 32), -3);
}

TEST(KvCache, TilesLieApart) {
  KvCache cache(k_layout);
  cache.prepare(64);
  std::vector<std::byte*> tiles;
  for (std::size_t tile = 0; tile < 2; ++tile) {
    for (std::size_t layer = 0; layer < 2; ++layer) {
      for (std::size_t head = 0; head < 3; ++head) {
        tiles.push_back(cache.key_tile(tile, {layer, head}));
        tiles.push_back(cache.value_tile(tile, {layer, head}));
      }
    }
  }
  std::sort(tiles.begin(), tiles.end());
  for (std::size_t i = 1; i < tiles.size(); ++i) EXPECT_GE(tiles[i] - tiles[i - 1], std::ptrdiff_t{k_tile_bytes});
}

TEST(KvCache, ForksShareTheirPast) {
  KvCache first(k_layout);
  append(first, 40, 1);
  KvCache second = first.fork();
  EXPECT_EQ(second.size(), 40U);
  EXPECT_EQ(second.key_tile(0, {0, 0}), first.key_tile(0, {0, 0}));
  EXPECT_EQ(first.unshared_bytes(), 0U);

  append(second, 45, 2);  // writes into the second page: that one is copied, the first stays shared
  EXPECT_EQ(second.key_tile(0, {0, 0}), first.key_tile(0, {0, 0}));
  EXPECT_NE(second.key_tile(1, {0, 0}), first.key_tile(1, {0, 0}));
  EXPECT_EQ(first.unshared_bytes(), k_page_bytes);
  EXPECT_EQ(second.unshared_bytes(), k_page_bytes);
  append(first, 45, 3);  // its own page now: nothing is copied
  EXPECT_EQ(key(second, 39), 1);
  EXPECT_EQ(key(second, 40), 2);
  EXPECT_EQ(key(first, 40), 3);
  EXPECT_EQ(value(first, 39), -1);
}

TEST(KvCache, AForkAtAPageBorderCopiesNothing) {
  KvCache first(k_layout);
  append(first, 32, 1);
  KvCache second = first.fork();
  append(second, 33, 2);
  EXPECT_EQ(second.key_tile(0, {0, 0}), first.key_tile(0, {0, 0}));
  EXPECT_EQ(first.bytes(), k_page_bytes);
  EXPECT_EQ(second.bytes(), 2 * k_page_bytes);
  EXPECT_EQ(second.unshared_bytes(), k_page_bytes);
}

TEST(KvCache, PreparingNothingCopiesNothing) {
  KvCache first(k_layout);
  append(first, 40, 1);
  KvCache second = first.fork();
  second.prepare(40);
  second.prepare(0);
  EXPECT_EQ(second.key_tile(1, {0, 0}), first.key_tile(1, {0, 0}));
}

TEST(KvCache, TruncateForgetsAndGivesPagesBack) {
  KvCache cache(k_layout);
  append(cache, 100, 1);
  cache.truncate(200);
  EXPECT_EQ(cache.size(), 100U);
  cache.truncate(64);
  EXPECT_EQ(cache.size(), 64U);
  EXPECT_EQ(cache.bytes(), 2 * k_page_bytes);
  cache.truncate(33);
  EXPECT_EQ(cache.bytes(), 2 * k_page_bytes);
  append(cache, 34, 2);
  EXPECT_EQ(key(cache, 32), 1);
  EXPECT_EQ(key(cache, 33), 2);
  cache.truncate(0);
  EXPECT_EQ(cache.size(), 0U);
  EXPECT_EQ(cache.bytes(), 0U);
}

TEST(KvCache, TruncatedForksLeaveTheOtherAlone) {
  KvCache first(k_layout);
  append(first, 70, 1);
  KvCache second = first.fork();
  second.truncate(35);
  append(second, 70, 2);
  for (const std::size_t slot : {std::size_t{34}, std::size_t{35}, std::size_t{69}}) EXPECT_EQ(key(first, slot), 1);
  EXPECT_EQ(key(second, 34), 1);
  EXPECT_EQ(key(second, 35), 2);
  EXPECT_EQ(key(second, 69), 2);
}

TEST(KvCache, KeepsTheLastSlotsAsItsFirst) {
  KvCache first(k_layout);
  for (std::size_t slot = 0; slot < 75; ++slot) append(first, slot + 1, static_cast<float>(slot));
  KvCache second = first.fork();
  second.keep_last(100);
  EXPECT_EQ(second.size(), 75U);
  second.keep_last(41);
  EXPECT_EQ(second.size(), 41U);
  EXPECT_EQ(second.bytes(), 2 * k_page_bytes);
  for (std::size_t slot = 0; slot < 41; ++slot) {
    EXPECT_EQ(key(second, slot), static_cast<float>(slot + 34));
    EXPECT_EQ(value(second, slot), -static_cast<float>(slot + 34));
  }
  append(second, 42, 500);
  EXPECT_EQ(key(second, 41), 500);
  EXPECT_EQ(key(second, 40), 74);
  for (std::size_t slot = 0; slot < 75; ++slot) EXPECT_EQ(key(first, slot), static_cast<float>(slot));
  second.keep_last(0);
  EXPECT_EQ(second.size(), 0U);
  EXPECT_EQ(second.bytes(), 0U);
}

/// Appends a slot whose keys and values are numbers of `seed`, layer, head and place.
void append_numbers(KvCache& cache, std::size_t seed) {
  const CacheLayout& layout = cache.layout();
  const std::size_t slot = cache.size();
  std::vector<float> key(layout.head_dim), value(layout.head_dim);
  cache.prepare(slot + 1);
  for (std::size_t layer = 0; layer < layout.layers; ++layer) {
    for (std::size_t head = 0; head < layout.kv_heads; ++head) {
      for (std::size_t d = 0; d < layout.head_dim; ++d) {
        key[d] = static_cast<float>((seed * 37 + layer * 17 + head * 7 + d * 11) % 101) - 50.25F;
        value[d] = key[d] * static_cast<float>(seed + 1);
      }
      kernels::k_scalar_table.store_in_cache({layout.type, key.data(), value.data(),
                                              cache.key_tile(slot / 32, {layer, head}),
                                              cache.value_tile(slot / 32, {layer, head}), slot % 32, layout.head_dim});
    }
  }
  cache.commit(slot + 1);
}

TEST(KvCache, KeepsTheLastSlotsOfEveryType) {
  for (const CacheType type : {CacheType::f32, CacheType::f16, CacheType::int8}) {
    const CacheLayout layout{.layers = 2, .kv_heads = 3, .head_dim = 37, .type = type};
    KvCache cache(layout), wanted(layout);
    for (std::size_t seed = 0; seed < 75; ++seed) append_numbers(cache, seed);
    for (std::size_t seed = 34; seed < 75; ++seed) append_numbers(wanted, seed);
    cache.keep_last(41);
    ASSERT_EQ(cache.tiles(), 2U);
    for (std::size_t tile = 0; tile < 2; ++tile) {
      EXPECT_EQ(std::memcmp(cache.key_tile(tile, {0, 0}), wanted.key_tile(tile, {0, 0}), layout.page_bytes()), 0);
    }
  }
}

/// Every float of pages that were never written must be finite: kernels read tiles whole.
void expect_finite_tiles(const KvCache& cache) {
  for (std::size_t tile = 0; tile < cache.tiles(); ++tile) {
    for (std::size_t layer = 0; layer < 2; ++layer) {
      for (std::size_t head = 0; head < 3; ++head) {
        for (const std::byte* bytes : {cache.key_tile(tile, {layer, head}), cache.value_tile(tile, {layer, head})}) {
          std::vector<float> floats(k_tile_bytes / 4);
          std::memcpy(floats.data(), bytes, k_tile_bytes);
          ASSERT_TRUE(std::all_of(floats.begin(), floats.end(), [](float number) { return number == 0.0F; }));
        }
      }
    }
  }
}

TEST(KvCache, NewPagesAreZeros) {
  {  // memory that was used before and is likely to be handed out again
    KvCache dirty(k_layout);
    dirty.prepare(128);
    for (std::size_t tile = 0; tile < 4; ++tile) std::memset(dirty.key_tile(tile, {0, 0}), 0xFF, k_page_bytes);
  }
  KvCache cache(k_layout);
  cache.prepare(128);
  expect_finite_tiles(cache);
}

TEST(KvCache, PagesOfAStepThatFailedAreNotSharedWithAFork) {
  KvCache first(k_layout);
  first.prepare(128);  // a step that was cancelled: nothing is committed, the pages are there
  KvCache second = first.fork();
  {  // what is handed out next is likely to be this memory
    std::vector<AlignedBuffer> dirty;
    for (int i = 0; i < 8; ++i) std::memset(dirty.emplace_back(k_page_bytes).data(), 0xFF, k_page_bytes);
  }
  second.prepare(128);
  for (std::size_t tile = 0; tile < 4; ++tile) EXPECT_NE(first.key_tile(tile, {0, 0}), second.key_tile(tile, {0, 0}));
  expect_finite_tiles(second);
}

TEST(KvCache, CachesThatSharePagesMayBeUsedByTheirOwnThreads) {
  KvCache root(k_layout);
  append(root, 40, 1);
  std::vector<KvCache> forks(4, root);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < forks.size(); ++i) {
    threads.emplace_back([&cache = forks[i], i] {
      for (std::size_t end = 41; end <= 100; ++end) append(cache, end, static_cast<float>(i));
      cache.truncate(50);
      append(cache, 60, static_cast<float>(10 + i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < forks.size(); ++i) {
    EXPECT_EQ(key(forks[i], 39), 1);
    EXPECT_EQ(key(forks[i], 49), static_cast<float>(i));
    EXPECT_EQ(key(forks[i], 59), static_cast<float>(10 + i));
  }
  EXPECT_EQ(root.size(), 40U);
  EXPECT_EQ(key(root, 39), 1);
}

}  // namespace
}  // namespace eigenformer
