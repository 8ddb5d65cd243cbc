#include "eigenformer/quant/panel_memory.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "eigenformer/core/aligned_buffer.hpp"

namespace panel_memory_test {

namespace quant = eigenformer::quant;

TEST(PanelMemory, PiecesBeginOnCacheLinesAndDoNotOverlap) {
  quant::PanelMemory memory;
  std::vector<std::pair<std::shared_ptr<std::byte>, std::size_t>> pieces;
  for (const std::size_t size :
       {1U, 64U, 65U, 1000U, 3U << 20U, 700000U, 9U << 20U, 700000U, 700000U, 40U << 20U, 7U}) {
    pieces.emplace_back(memory.take(size), size);
    std::memset(pieces.back().first.get(), static_cast<int>(pieces.size()), size);
  }
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto& [piece, size] = pieces[i];
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(piece.get()) % eigenformer::k_cache_line, 0U);
    EXPECT_EQ(piece.get()[0], static_cast<std::byte>(i + 1));
    EXPECT_EQ(piece.get()[size - 1], static_cast<std::byte>(i + 1));
  }
}

TEST(PanelMemory, SmallPiecesShareABlock) {
  quant::PanelMemory memory;
  const auto first = memory.take(100);
  const auto second = memory.take(100);
  EXPECT_EQ(second.get() - first.get(), 128);
}

// Under AddressSanitizer a piece whose block were gone would be an error.
TEST(PanelMemory, PiecesOutliveTheOneThatMadeThem) {
  std::shared_ptr<std::byte> first, second;
  {
    quant::PanelMemory memory;
    first = memory.take(1000);
    second = memory.take(1000);
  }
  first = nullptr;
  std::memset(second.get(), 1, 1000);
  EXPECT_EQ(second.get()[999], std::byte{1});
}

}  // namespace panel_memory_test
